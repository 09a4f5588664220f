import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vendors } from './generate/vendors.ts';

// How long the process of `pnpm generate` takes, compared with openapi-typescript alone on the same documents.
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}node_modules/.cache/gpu-clouds`;

const documents = vendors.map(({ vendor }) => `new URL('file://${root}specs/${vendor}/openapi.yaml')`);
const bare = `
  import openapiTS, { astToString } from 'openapi-typescript';
  for (const document of [${documents}]) astToString(await openapiTS(document, { silent: true }));
`;

/** Returns the milliseconds of a process. */
function timed(args: readonly string[], cwd: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

const measures = {
  'openapi-typescript alone': () => timed(['--input-type=module', '--eval', bare], `${root}scripts`),
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
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const reference = median(times.get('openapi-typescript alone') ?? []);
console.log(`Medians of ${rounds} rounds in one run:`);
for (const [name, values] of times) {
  const value = median(values);
  console.log(`${name.padEnd(26)} ${value.toFixed(0).padStart(6)} ms  ${(value / reference).toFixed(2)}`);
}
