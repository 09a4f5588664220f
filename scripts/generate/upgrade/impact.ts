import type { Kind } from '../walk.ts';
import { kindAlong } from '../walk.ts';
import type { Difference } from './differences.ts';
import type { Reach } from './reach.ts';

/** What a change means for users: their code may fail, they can do or read more, or only the words differ. */
export type Impact = 'breaking' | 'additive' | 'docs';

/** Names whose values are words for people, or data that no client reads. */
const words = new Set([
  ...['description', 'summary', 'title', 'example', 'examples', 'externalDocs', '$comment'],
  ...['tags', 'deprecated', 'info', 'contact', 'license', 'termsOfService'],
]);

/** Schema keywords that restrict values without a change of the type. */
const constraints = new Set([
  ...['format', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength'],
  ...['maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
]);

/** Whether the values that a schema allows became more, fewer, or others. */
type Extent = 'wider' | 'narrower' | 'other';

/**
 * Returns what a change of the published document means for users. What no rule knows is breaking, so that nothing passes as
 * harmless by mistake.
 * @param open whether users already expect values that the document does not list
 */
export function impactOf(difference: Difference, reach: Reach, open = false): Impact {
  const { kind, rest, shape } = kindAlong(difference.place);
  if (kind === 'schema' ? isWord(rest[0] ?? '') : rest.some(isWord)) return 'docs';
  if (rest.length === 0) return ofNode(kind, shape, difference, reach);
  if (kind === 'schema') return ofKeyword(rest, difference, reach, open);
  return ofField(kind, rest, difference);
}

function isWord(name: string): boolean {
  return words.has(name) || name.startsWith('x-');
}

/** A whole node came, went, or was replaced. `shape` is the name that holds it, such as `properties`. Any 2xx response is part of a result type. */
function ofNode(kind: Kind, shape: string, { place, before, after }: Difference, reach: Reach): Impact {
  const added = before === undefined;
  if (kind === 'schema') {
    if (shape === 'schemas' || shape === 'properties') return added ? 'additive' : 'breaking';
    if (shape === 'anyOf' || shape === 'oneOf') return ofExtent(extentOf(added, after === undefined), reach, false);
    return 'breaking';
  }
  if (kind === 'response' && place[1] !== 'responses') return /^2/.test(place.at(-1) ?? '') ? 'breaking' : 'additive';
  if (!added) return 'breaking';
  if (kind === 'parameter' || kind === 'requestBody') return reach.sent && isRequired(after) ? 'breaking' : 'additive';
  if (kind === 'mediaType') return reach.received ? 'breaking' : 'additive';
  return 'additive';
}

function extentOf(added: boolean, removed: boolean): Extent {
  if (added) return 'wider';
  return removed ? 'narrower' : 'other';
}

function isRequired(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'required' in node && node.required === true;
}

/** More values break who reads them, fewer break who sends them. */
function ofExtent(extent: Extent, { sent, received }: Reach, open: boolean): Impact {
  if (extent === 'other') return 'breaking';
  if (extent === 'wider') return received && !open ? 'breaking' : 'additive';
  return sent ? 'breaking' : 'additive';
}

function ofKeyword(
  [keyword = '', ...below]: readonly string[],
  change: Difference,
  reach: Reach,
  open: boolean,
): Impact {
  const { before, after } = change;
  if (keyword === 'type' && below.length === 0) return ofExtent(extentOfTypes(before, after), reach, open);
  if (keyword === 'nullable') return ofExtent(after === true ? 'wider' : 'narrower', reach, false);
  if (keyword === 'default') return reach.sent ? 'breaking' : 'docs';
  if (constraints.has(keyword)) return reach.sent && after !== undefined ? 'breaking' : 'additive';
  if (keyword === 'enum' || keyword === 'required') {
    if (below.length === 0 && Array.isArray(before) && Array.isArray(after)) return 'docs';
    const added = before === undefined;
    // A list restricts, a value in `enum` permits, a name in `required` restricts.
    const wider = keyword === 'enum' && below.length > 0 ? added : !added;
    return ofExtent(wider ? 'wider' : 'narrower', reach, open);
  }
  return 'breaking';
}

function extentOfTypes(before: unknown, after: unknown): Extent {
  if (before === undefined) return 'narrower';
  if (after === undefined) return 'wider';
  const old = new Set([before].flat());
  const now = new Set([after].flat());
  if (old.isSubsetOf(now)) return 'wider';
  return now.isSubsetOf(old) ? 'narrower' : 'other';
}

function ofField(kind: Kind, rest: readonly string[], { before, after }: Difference): Impact {
  const [field = '', item] = rest;
  const added = before === undefined;
  if (kind === 'document' && field === 'openapi') return minorOf(before) === minorOf(after) ? 'docs' : 'breaking';
  // Clients use the first server. The others are alternatives.
  if (kind === 'document' && field === 'servers') return item === '[0]' || item === undefined ? 'breaking' : 'additive';
  if (kind === 'components') return added ? 'additive' : 'breaking';
  if ((kind === 'parameter' || kind === 'requestBody') && field === 'required') {
    return after === true ? 'breaking' : 'additive';
  }
  if (field === 'callbacks' || field === 'links') return added ? 'additive' : 'breaking';
  return 'breaking';
}

function minorOf(version: unknown): string {
  return String(version).split('.').slice(0, 2).join('.');
}
