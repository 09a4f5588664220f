import type { JsonValue, Overlay } from '@gpu-clouds/openapi-overlay';
import { inlinePathItems } from '../path-items.ts';
import { type Difference, differences } from './differences.ts';
import { type Impact, impactOf } from './impact.ts';
import { affectedNames, generatedNames } from './names.ts';
import { type PatchRuns, runPatches } from './patch-runs.ts';
import { contains, formatPlace, isFields, type Place, valueAt } from './place.ts';
import { type Reach, reachesOf, reachOf } from './reach.ts';
import { judgePatches, type PatchState } from './verdicts.ts';

/** One place where the published document differs. */
export interface Change extends Difference {
  /** The place as people read it. */
  readonly at: string;
  readonly what: 'added' | 'removed' | 'changed' | 'reordered';
  readonly impact: Impact;
  /** Indexes of the actions that replace or remove what changed. Someone has to decide whether they are still right. */
  readonly under: readonly number[];
  /** Indexes of the actions that patch something inside of what changed. */
  readonly around: readonly number[];
  /** Names of generated code whose types the place is part of. */
  readonly names: readonly string[];
}

/** What a newer published document changes for the overlay and for users. */
export interface UpgradeReport {
  readonly vendor: string;
  readonly published: string;
  /** The commit with the older document. */
  readonly since: string;
  readonly patches: readonly PatchState[];
  readonly changes: readonly Change[];
  /** Names of generated code that come and go. */
  readonly names: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** The client's default base URL, if it changes. */
  readonly baseUrl?: { readonly before: string; readonly after: string } | undefined;
}

export interface Upgrade {
  readonly vendor: string;
  readonly published: string;
  readonly since: string;
  /** The published documents, without patches. */
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly overlay: Overlay;
}

/** Compares two published documents and judges the overlay. */
export function upgradeReport({ vendor, published, since, before, after, overlay }: Upgrade): UpgradeReport {
  const old = runPatches(before, overlay);
  const now = runPatches(after, overlay);
  return {
    vendor,
    published,
    since,
    patches: judgePatches(old, now, after),
    changes: describeChanges(before, after, [old, now]),
    names: comparedNames(generatedNames(inlinePathItems(old.patched)), generatedNames(inlinePathItems(now.patched))),
    baseUrl: comparedBaseUrls(old.patched, now.patched),
  };
}

/** Returns every difference with what it means. `runs` are the overlay's actions on the older and the newer document. */
export function describeChanges(before: JsonValue, after: JsonValue, runs: readonly PatchRuns[]): Change[] {
  const touched = runs.flatMap((run) =>
    run.runs.flatMap(({ action, changes }) => changes.map(({ place }) => ({ place, index: action.index }))),
  );
  const reaches = [reachesOf(after), reachesOf(before)];
  const patched = runs.map((run) => run.patched).reverse();
  const inlined = patched.map(inlinePathItems);
  return differences(before, after).map((difference) => {
    const { place } = difference;
    const reach = joined(reaches.map((known) => reachOf(place, known)));
    const indexes = (isTouched: (touched: Place) => boolean) => [
      ...new Set(touched.filter(({ place: other }) => isTouched(other)).map(({ index }) => index)),
    ];
    return {
      ...difference,
      at: formatPlace(place),
      what: kindOf(difference),
      impact: impactOf(difference, reach, isOpen(patched[0], place)),
      under: indexes((other) => contains(other, place)),
      around: indexes((other) => contains(place, other) && other.length > place.length),
      names: affectedNames(place, reach, inlined),
    };
  });
}

function kindOf({ before, after }: Difference): Change['what'] {
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  return Array.isArray(before) && Array.isArray(after) ? 'reordered' : 'changed';
}

function joined(reaches: readonly Reach[]): Reach {
  return {
    sent: reaches.some(({ sent }) => sent),
    received: reaches.some(({ received }) => received),
    operations: [...new Set(reaches.flatMap(({ operations }) => operations))],
  };
}

/** Whether the patched document lets users expect unlisted values at the place or around it. */
function isOpen(patched: unknown, place: Place): boolean {
  return place.some((_, index) => {
    const around = valueAt(patched, place.slice(0, index));
    return isFields(around) && around['x-open-enum'] === true;
  });
}

function comparedNames(before: ReadonlySet<string>, after: ReadonlySet<string>): UpgradeReport['names'] {
  return { added: [...after.difference(before)], removed: [...before.difference(after)] };
}

function comparedBaseUrls(before: unknown, after: unknown): UpgradeReport['baseUrl'] {
  const [old, now] = [before, after].map((document) => String(valueAt(document, ['servers', '[0]', 'url']) ?? ''));
  return old === now || old === undefined || now === undefined ? undefined : { before: old, after: now };
}
