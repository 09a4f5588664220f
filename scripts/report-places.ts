import { documents } from './generate/upgrade/__fixtures__/documents.ts';
import { mutationsOf, unnamed } from './generate/upgrade/__fixtures__/mutations.ts';
import { runPatches } from './generate/upgrade/patch-runs.ts';

// Makes every edit of the published documents, one at a time, and expects the upgrade report to name its place.
for (const { vendor, document, overlay } of documents) {
  const runs = runPatches(document, overlay);
  const mutations = mutationsOf(document);
  const missed = mutations.flatMap((mutation) => unnamed(document, mutation, runs) ?? []);
  const places = new Set(mutations.map(({ place }) => JSON.stringify(place))).size;
  const kinds = new Set(mutations.map(({ kind }) => kind)).size;
  console.log(
    `${vendor}: ${mutations.length} edits of ${kinds} kinds at ${places} places, ${mutations.length - missed.length} named`,
  );
  for (const line of missed) console.error(`  ${line}`);
  if (missed.length > 0) process.exitCode = 1;
}
