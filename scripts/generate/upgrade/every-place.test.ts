import { describe, expect, test } from 'vitest';
import { documents } from './__fixtures__/documents.ts';
import { mutationsOf, sampleOfKinds, unnamed } from './__fixtures__/mutations.ts';
import { runPatches } from './patch-runs.ts';
import { formatPlace } from './place.ts';
import { judgePatches } from './verdicts.ts';

// `node scripts/report-places.ts` makes every edit. Here each kind of edit is made twice; REPORT_SEED chooses others.
const seed = Number(process.env.REPORT_SEED ?? 1);

describe.each(documents)('the upgrade report of $vendor', ({ vendor, document, overlay }) => {
  const runs = runPatches(document, overlay);
  const mutations = mutationsOf(document);

  test(`${vendor}: the report names the place of every kind of edit (seed ${seed})`, () => {
    const sample = sampleOfKinds(mutations, 2, seed);
    expect(sample.length).toBeGreaterThan(200);
    expect(sample.flatMap((mutation) => unnamed(document, mutation, runs) ?? [])).toEqual([]);
  });

  test(`${vendor}: no two places have the same name in the report`, () => {
    const places = new Map(mutations.map(({ place }) => [JSON.stringify(place), place]));
    expect(new Set([...places.values()].map(formatPlace)).size).toBe(places.size);
  });

  test(`${vendor}: every patch is already fixed in a document with all patches, and none in the published one`, () => {
    const verdicts = (published: typeof document) => {
      const states = judgePatches(runs, runPatches(published, overlay), published);
      return [...new Set(states.map(({ verdict }) => verdict))];
    };
    expect(verdicts(document)).toEqual(['applies']);
    expect(verdicts(runs.patched)).toEqual(['already fixed upstream']);
  });
});
