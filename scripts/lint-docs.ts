import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unquotedCode } from './generate/readme/parts.ts';
import { entryPoints, undocumentedNames } from './public-names.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifests = await Array.fromAsync(glob(['{packages/*,workflows}/package.json'], { cwd: root }));
const entries = (await Promise.all(manifests.sort().map((file) => entryPoints(root, dirname(file))))).flat();
const readmes = await Array.fromAsync(glob(['README.md', '{packages/*,workflows}/README.md'], { cwd: root }));
for (const file of readmes.sort()) {
  for (const place of unquotedCode(await readFile(join(root, file), 'utf8'), file)) {
    console.error(
      `${place}: move this code to examples/readme and quote it, so that it is compiled (CONTRIBUTING.md).`,
    );
    process.exitCode = 1;
  }
}

const missing = undocumentedNames(root, entries);
if (missing.length === 0) console.log(`${entries.length} entry points: every public name has TSDoc`);
else {
  console.error(
    `${missing.length} public names have no TSDoc. Document what each one is, with its unit and its errors.`,
  );
  for (const { place, name } of missing) console.error(`  ${place} ${name}`);
  process.exitCode = 1;
}
