// Runs one smoke test (authentication, call, retry, pages, abort, typed error) in every runtime that the clients support, against the
// simulators and with the packages as they are published. Prints one line per runtime. Exits with 1 if one fails.
// Usage: node scripts/smoke/smoke.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmptyProject, makeEmptyProject, tarballDependencies } from '../packages/empty-project.ts';
import { publishablePackages, root } from '../packages/publishable.ts';
import { runCommand } from '../packages/run-command.ts';
import { startSimulatorProcess } from '../packages/simulator-process.ts';
import { packAll } from '../packages/tarball.ts';
import { chromium } from './chromium.ts';
import { bun, deno, node22, node24, runtimePackages } from './command-runtimes.ts';
import type { SmokeSetting } from './program.ts';
import type { Runtime, Stage } from './runtime.ts';
import { workerd } from './workerd.ts';

const runtimes: Readonly<Record<string, Runtime>> = {
  'Node 22': node22,
  'Node 24': node24,
  Bun: bun,
  Deno: deno,
  workerd,
  Chromium: chromium,
};
const simulatorsBin = fileURLToPath(import.meta.resolve('@gpu-clouds/simulators/bin'));
const clients = ['@gpu-clouds/core', '@gpu-clouds/verda', '@gpu-clouds/gpu-ai'];

/** Creates a project with the published clients and the smoke test. */
async function installClients(folder: string): Promise<EmptyProject> {
  await runCommand('pnpm', ['turbo', 'run', 'build', ...clients.map((name) => `--filter=${name}`)], { cwd: root });
  const packages = publishablePackages(root).filter(({ name }) => clients.includes(name));
  const tarballs = await packAll(packages, folder);
  const { dependencies, overrides } = tarballDependencies(tarballs);
  const project = { dependencies: { ...dependencies, msw: '^3.0.5' }, overrides, programs: import.meta.dirname };
  return makeEmptyProject(join(folder, 'project'), project);
}

/** Installs half a gigabyte of binaries, once for each set of versions. */
async function installRuntimes(): Promise<EmptyProject> {
  const folder = join(import.meta.dirname, '../node_modules/.cache/smoke-runtimes');
  return makeEmptyProject(folder, { dependencies: runtimePackages, keep: true });
}

async function part(name: string, runtime: Runtime, stage: Stage, setting: SmokeSetting): Promise<boolean> {
  const start = performance.now();
  const say = (verdict: string, text: string) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${verdict.padEnd(7)} ${name.padEnd(9)} ${seconds.padStart(5)}s  ${text}`);
  };
  try {
    const outcome = await runtime(stage, setting);
    if ('skipped' in outcome) say('skipped', outcome.skipped);
    else say('ok', `${outcome.version.padEnd(15)} ${outcome.passed.join(', ')}`);
    return true;
  } catch (error) {
    say('FAILED', error instanceof Error ? error.message : String(error));
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-smoke-'));
const simulators = await startSimulatorProcess([process.execPath, simulatorsBin]);
const { env, baseUrls } = simulators;
const of = (values: Readonly<Record<string, string>>, name: string) => {
  const value = values[name];
  if (value === undefined) throw new Error(`the simulators did not print ${name}`);
  return value;
};
try {
  const setting: SmokeSetting = {
    verda: {
      baseUrl: of(baseUrls, 'verda'),
      clientId: of(env, 'VERDA_CLIENT_ID'),
      clientSecret: of(env, 'VERDA_CLIENT_SECRET'),
    },
    gpuAi: { baseUrl: of(baseUrls, 'gpu-ai'), apiKey: of(env, 'GPU_AI_API_KEY') },
  };
  const stage: Stage = { project: await installClients(folder), runtimes: await installRuntimes() };
  let good = true;
  // One after another, because they share the simulators' faults.
  for (const [name, runtime] of Object.entries(runtimes)) {
    const fine = await part(name, runtime, stage, setting);
    good &&= fine;
  }
  process.exitCode = good ? 0 : 1;
} finally {
  await simulators.stop();
  rmSync(folder, { recursive: true, force: true });
}
