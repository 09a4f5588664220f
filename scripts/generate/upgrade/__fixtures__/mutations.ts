import type { JsonValue } from '@gpu-clouds/openapi-overlay';
import { kindAlong } from '../../walk.ts';
import type { PatchRuns } from '../patch-runs.ts';
import { contains, isFields, itemNames, type Place } from '../place.ts';
import { describeChanges } from '../report.ts';
import { changeText } from '../report-text.ts';

/** One edit of a document at one place. */
export interface Mutation {
  /** What is done to what: `remove schema.enum`. */
  readonly kind: string;
  readonly place: Place;
  readonly apply: () => JsonValue;
}

type Rebuild = (value: JsonValue | undefined) => JsonValue;

/**
 * Yields every edit: each value changed, retyped, and removed, a member added to each object, an item to each array, and two
 * items of each array exchanged.
 */
export function mutationsOf(document: JsonValue): Mutation[] {
  return [...mutationsBelow(document, [], (value) => value ?? null)].filter(({ place }) => place.length > 0);
}

function* mutationsBelow(value: JsonValue, place: Place, rebuild: Rebuild): Generator<Mutation> {
  const edit = (what: string, at: Place, changed: () => JsonValue | undefined): Mutation => ({
    kind: `${what} ${subject(at)}`,
    place: at,
    apply: () => rebuild(changed()),
  });
  yield edit('remove', place, () => undefined);
  yield edit('retype', place, () => (typeof value === 'string' ? 7 : 'retyped'));
  if (Array.isArray(value)) {
    const names = itemNames(value);
    yield edit('add', [...place, '["added"]'], () => [...value, 'added']);
    const [first, second] = value;
    if (first !== undefined && second !== undefined && JSON.stringify(first) !== JSON.stringify(second)) {
      yield edit('exchange', place, () => [second, first, ...value.slice(2)]);
    }
    for (const [index, item] of value.entries()) {
      yield* mutationsBelow(item, [...place, names[index] ?? ''], (changed) =>
        rebuild(changed === undefined ? value.toSpliced(index, 1) : value.with(index, changed)),
      );
    }
  } else if (isFields(value)) {
    yield edit('add', [...place, 'added'], () => ({ ...value, added: 'added' }));
    for (const [key, member] of Object.entries(value)) {
      yield* mutationsBelow(member, [...place, key], (changed) => {
        if (changed !== undefined) return rebuild({ ...value, [key]: changed });
        const { [key]: _, ...others } = value;
        return rebuild(others);
      });
    }
  } else yield edit('change', place, () => changedScalar(value));
}

function changedScalar(value: JsonValue): JsonValue {
  if (typeof value === 'string') return `${value} changed`;
  if (typeof value === 'number') return value + 1;
  return value === null ? false : !value;
}

/** Returns the node that a place belongs to and the field in it, such as `schema.enum` or `operation.responses`. */
function subject(place: Place): string {
  const { kind, shape, rest } = kindAlong(place);
  const [field = shape, item] = rest;
  return item === undefined ? `${kind}.${field}` : `${kind}.${field}.*`;
}

/** Returns why a report of the mutation does not name its place, or undefined. */
export function unnamed(document: JsonValue, { kind, place, apply }: Mutation, runs: PatchRuns): string | undefined {
  const changes = describeChanges(document, apply(), [runs]);
  const problem = (what: string) => `${kind} at ${place.join(' / ')}: ${what}`;
  if (changes.length === 0) return problem('no change is reported');
  for (const change of changes) {
    const around = change.place.slice(0, -1);
    // A new name gives an item of an array another identity. Then the old item is reported as removed, and the new one as added.
    if (!contains(around, place) && !contains(place, change.place)) return problem(`${change.at} is reported`);
    if (change.place.length < place.length - 1) return problem(`only ${change.at} is reported`);
    if (!changeText(change).startsWith(change.at)) return problem('the text does not name the place');
  }
  return undefined;
}

/** Returns up to `size` mutations of each kind, chosen by the seed. */
export function sampleOfKinds(mutations: readonly Mutation[], size: number, seed: number): Mutation[] {
  const random = randomFrom(seed);
  return [...Map.groupBy(mutations, ({ kind }) => kind).values()].flatMap((group) =>
    group
      .map((mutation) => ({ mutation, order: random() }))
      .sort((left, right) => left.order - right.order)
      .slice(0, size)
      .map(({ mutation }) => mutation),
  );
}

/** Returns mulberry32, a small seeded generator of numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
