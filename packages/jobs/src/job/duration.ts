/** Matches `90s`, `30m`, `2h`, `1.5h`, and `1d`. */
export const durationPattern = /^(\d+(?:\.\d+)?)(s|m|h|d)$/;

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Returns the seconds of a duration such as `90s`, `30m`, `2h`, or `1d`.
 * @throws {RangeError} The text is not a duration.
 */
export function durationSeconds(text: string): number {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  const factor = unit === undefined ? undefined : secondsPer[unit];
  if (amount === undefined || factor === undefined) {
    throw new RangeError(`"${text}" is no duration. Write a number and s, m, h, or d, for example 90s, 30m, or 2h.`);
  }
  return Number(amount) * factor;
}

/** The longest duration of a job, a lease, or anything in it. Names of instances have no room for much later deadlines. */
export const maxDuration = '365d';

/** Whether a duration is longer than {@link maxDuration}. */
export function isTooLong(text: string): boolean {
  return durationSeconds(text) > durationSeconds(maxDuration);
}
