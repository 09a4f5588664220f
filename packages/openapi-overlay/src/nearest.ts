import { distance as editDistance } from 'fastest-levenshtein';
import { brief, isObject, type Value } from './json.ts';
import { formatLocation, longestMatch, valueAt } from './json-path.ts';

const shown = 8;

/** Describes how much of a target matches, and what the document has there. */
export function describeNearest(target: string, document: Value): string {
  const { query, locations, missing } = longestMatch(target, document);
  const [first, ...others] = locations;
  const contents = describeContents(valueAt(document, first));
  const exists =
    others.length === 0
      ? `${formatLocation(first)} exists and ${contents}`
      : `${query} matches ${locations.length} nodes, the first of which, ${formatLocation(first)}, ${contents}`;
  const names = locations.flatMap((location) => namesIn(valueAt(document, location)));
  const similar = missing === undefined ? undefined : mostSimilar(missing, names);
  return similar === undefined ? exists : `${exists}; did you mean '${similar}'?`;
}

function namesIn(value: Value): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function describeContents(value: Value): string {
  if (Array.isArray(value)) return `has ${value.length === 1 ? '1 item' : `${value.length} items`}`;
  if (!isObject(value)) return `is ${brief(value)}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'is empty';
  const more = keys.length > shown ? ` and ${keys.length - shown} more` : '';
  return `has ${keys.slice(0, shown).join(', ')}${more}`;
}

/** Returns the name that differs from `wanted` in the fewest characters, if they are at most a third of its length. */
function mostSimilar(wanted: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}
