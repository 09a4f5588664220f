import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { median } from '../benchmarks/median.ts';
import { ownDocuments } from './generate/own-documents.ts';
import { vendors } from './generate/vendors.ts';

// How long the process of `pnpm generate` takes, compared with openapi-typescript alone on the same documents: its command, which
// writes files too, and its function in a process that does nothing else.
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}node_modules/.cache/gpu-clouds`;

const documents = [
  ...vendors.map(({ vendor }) => `${root}specs/${vendor}/openapi.yaml`),
  ...ownDocuments.map(({ folder }) => `${root}${folder}/openapi.json`),
];
const urls = documents.map((document) => JSON.stringify(pathToFileURL(document).href));
const bare = `
  import openapiTS, { astToString } from 'openapi-typescript';
  for (const document of [${urls}]) astToString(await openapiTS(new URL(document), { silent: true }));
`;

const work = mkdtempSync(join(tmpdir(), 'gpu-clouds-benchmark-'));
const apis = documents.map((document, index) => [
  `api-${index}`,
  { root: document, 'x-openapi-ts': { output: join(work, `${index}.ts`) } },
]);
const config = join(work, 'redocly.yaml');
writeFileSync(config, JSON.stringify({ apis: Object.fromEntries(apis) }));
const cli = fileURLToPath(new URL('../bin/cli.js', import.meta.resolve('openapi-typescript')));

/** Returns the milliseconds of a process. */
function timed(args: readonly string[], cwd: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

const measures = {
  'openapi-typescript command': () => timed([cli, '--redocly', config], work),
  'openapi-typescript function': () => timed(['--input-type=module', '--eval', bare], `${root}scripts`),
  'generate from cold': () => {
    rmSync(cache, { recursive: true, force: true });
    return timed(['scripts/generate.js'], root);
  },
  'generate, nothing changed': () => timed(['scripts/generate.js'], root),
  'generate --check': () => timed(['scripts/generate.js', '--check'], root),
};

const rounds = Number(process.argv[2] ?? 7);
const times = new Map(Object.keys(measures).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, measure] of Object.entries(measures)) times.get(name)?.push(measure());
}
const peers = ['openapi-typescript command', 'openapi-typescript function'].map((name) =>
  median(times.get(name) ?? []),
);
console.log(`Medians of ${rounds} rounds in one run, and their ratio to the command and to the function:`);
for (const [name, values] of times) {
  const value = median(values);
  const ratios = peers.map((peer) => (value / peer).toFixed(2).padStart(6)).join('');
  console.log(`${name.padEnd(28)} ${value.toFixed(0).padStart(6)} ms ${ratios}`);
}
rmSync(work, { recursive: true });
