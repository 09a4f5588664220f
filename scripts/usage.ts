/** What the person at the keyboard has to change. */
export class UsageError extends Error {}

const beyondSeeds = 2 ** 32;

/** @throws UsageError */
export function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number < beyondSeeds) return number;
  throw new UsageError(`${flag} must be a whole number of ${least} or more; it is "${text}".`);
}

/**
 * Reads `1-20` or `3,7,11-14`.
 * @throws UsageError
 */
export function readSeeds(list: string): readonly number[] {
  const seeds = list.split(',').flatMap((part) => {
    const [first = '', last = first, ...more] = part.split('-');
    if (more.length > 0) throw new UsageError(`--seeds takes seeds and ranges such as 1-20,31; "${part}" is neither.`);
    const [from, to] = [wholeNumber('--seeds', first, 0), wholeNumber('--seeds', last, 0)];
    if (to < from || to - from >= 100_000) throw new UsageError(`--seeds: ${part} is no range.`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return [...new Set(seeds)];
}
