import { type FaultClass, faultClasses } from './faults/index.ts';

/** Thrown when a list of faults contains an unknown name. */
export class FaultListError extends Error {}

/**
 * Parses `all`, `none`, or names separated by commas. Names with a leading minus select all other faults.
 * @throws {FaultListError} when a name is unknown; the message lists the known names
 */
export function readFaultList(text: string): ReadonlySet<FaultClass> {
  const words = text.split(',').map((word) => word.trim());
  const without = words.every((word) => word.startsWith('-'));
  const begin = without || words.includes('all') ? faultClasses : [];
  const chosen = new Set<FaultClass>(begin);
  for (const word of words) {
    if (['all', 'none'].includes(word)) continue;
    const name = faultClasses.find((known) => known === word.replace(/^-/, ''));
    if (name === undefined) {
      throw new FaultListError(`Unknown fault "${word}". Use all, none, or: ${faultClasses.join(', ')}.`);
    }
    if (word.startsWith('-')) chosen.delete(name);
    else chosen.add(name);
  }
  return chosen;
}
