/** Thrown when the arguments of a script are invalid. */
export class UsageError extends Error {}

/** Seeds are below this number. */
const seedLimit = 2 ** 32;

/** Parses a whole number of `least` or more. @throws {UsageError} for any other text */
export function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number < seedLimit) return number;
  throw new UsageError(`${flag} must be a whole number of ${least} or more, not "${text}".`);
}

/**
 * Parses a list of seeds such as `1-20` or `3,7,11-14`, and removes duplicates.
 * @throws {UsageError} when the list is malformed
 */
export function readSeeds(list: string): readonly number[] {
  const seeds = list.split(',').flatMap((part) => {
    const [first = '', last = first, ...more] = part.split('-');
    if (more.length > 0)
      throw new UsageError(`--seeds: "${part}" is not a seed or a range. Use a list such as 1-20,31.`);
    const [from, to] = [wholeNumber('--seeds', first, 0), wholeNumber('--seeds', last, 0)];
    if (to < from || to - from >= 100_000)
      throw new UsageError(`--seeds: "${part}" is not an ascending range of at most 100,000 seeds.`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return [...new Set(seeds)];
}
