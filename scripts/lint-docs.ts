import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entryPoints, undocumentedNames } from './public-names.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifests = await Array.fromAsync(glob(['packages/*/package.json'], { cwd: root }));
const entries = (await Promise.all(manifests.sort().map((file) => entryPoints(root, dirname(file))))).flat();
const missing = undocumentedNames(root, entries);
if (missing.length === 0) console.log(`${entries.length} entry points: every public name says what it is`);
else {
  console.error(`${missing.length} public names say nothing: write what it is, its unit and its errors as TSDoc.`);
  for (const { place, name } of missing) console.error(`  ${place} ${name}`);
  process.exitCode = 1;
}
