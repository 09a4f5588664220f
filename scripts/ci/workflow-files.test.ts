import { spawnSync } from 'node:child_process';
import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const files = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const jobs = files.flatMap((file) => {
  const workflow: Workflow = parse(read(file));
  return Object.entries(workflow.jobs).map(([id, job]) => ({
    name: `${file.replace('.github/workflows/', '')}: ${id}`,
    job,
    permissions: job.permissions ?? workflow.permissions,
  }));
});

test('the workflows are those that this test knows', () => {
  expect(files).toEqual(['ci', 'nightly', 'release', 'upstream'].map((name) => `.github/workflows/${name}.yml`));
});

test.each(files)('%s pins each action by its full commit and names the release beside it', (file) => {
  const uses = read(file)
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('one action has one commit in all workflows', () => {
  const pins = jobs.flatMap(({ job }) => job.steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses])));
  // Sub-actions of a repository are released together.
  const repositoryOf = (pin: string) => pin.split('@')[0]?.split('/').slice(0, 2).join('/');
  const commits = new Map(pins.map((pin) => [repositoryOf(pin), pin.split('@')[1]]));
  for (const pin of pins)
    expect(`${repositoryOf(pin)} ${pin.split('@')[1]}`).toBe(`${repositoryOf(pin)} ${commits.get(repositoryOf(pin))}`);
});

test('only the jobs that open pull requests and publish have write permissions', () => {
  const writes = jobs.flatMap(({ name, permissions }) =>
    Object.entries(permissions ?? { everything: 'write' }).flatMap(([scope, level]) =>
      level === 'read' ? [] : [`${name}: ${scope}`],
    ),
  );
  expect(writes).toEqual([
    'release.yml: version: contents',
    'release.yml: version: pull-requests',
    'release.yml: publish: contents',
    'release.yml: publish: id-token',
    'upstream.yml: propose: contents',
    'upstream.yml: propose: pull-requests',
  ]);
});

const scriptsOf = (job: Job) => job.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

test.each(jobs)('$name has a time limit and leaves no credentials in the checkout', ({ job }) => {
  expect(job['timeout-minutes']).toBeGreaterThan(0);
  const checkouts = job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual([false]);
});

test.each(jobs)('$name runs nothing but executable scripts of .ci/', ({ job }) => {
  const scripts = scriptsOf(job);
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    expect(script).toMatch(/^\.ci\/[a-z0-9]+( [^\n;&|]*)?$/);
    accessSync(join(root, script.split(' ')[0] ?? ''), constants.X_OK);
  }
});

const writers = jobs.filter(({ permissions }) => Object.values(permissions ?? {}).includes('write'));

/** Installs only the tools of the root, or nothing. */
const harmless = ['.ci/setup --filter gpu-clouds', '.ci/upstream propose'];

test.each(writers)('$name may write, so it runs nothing that the packages depend on', ({ job }) => {
  for (const script of scriptsOf(job)) expect(harmless).toContain(script);
});

test('the job that generates from a fetched document can only read, and the one that opens the pull request runs after it', () => {
  const { jobs }: { jobs: Record<string, Job & { needs?: string; if?: string }> } = parse(
    read('.github/workflows/upstream.yml'),
  );
  expect(Object.keys(jobs)).toEqual(['fetch', 'propose']);
  expect(jobs.fetch?.permissions).toBeUndefined();
  expect(jobs.propose).toMatchObject({ needs: 'fetch', if: expect.stringContaining('!cancelled()') });
  const artifact = (job: Job | undefined, action: string) =>
    job?.steps.find(({ uses }) => uses?.startsWith(`actions/${action}-artifact@`))?.with;
  expect(artifact(jobs.fetch, 'upload')).toMatchObject({ name: 'upstream', path: 'upstream/' });
  expect(artifact(jobs.propose, 'download')).toMatchObject({ name: 'upstream', path: 'upstream/' });
});

test('.ci/upstream propose works without installed packages', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/upstream.ts', 'propose', 'none.json'], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('Set GITHUB_API_URL');
  const imports = ['upstream.ts', 'upstream/proposal.ts', 'upstream/pull-request.ts', 'generate/command.ts'];
  for (const file of imports) {
    expect(read(`scripts/${file}`)).not.toMatch(/^import (?!type)[^;]*? from '(?!node:|\.)/m);
  }
});

test('the version of pnpm is exact', () => {
  const { devEngines }: { devEngines: { packageManager: unknown } } = JSON.parse(read('package.json'));
  expect(devEngines.packageManager).toMatchObject({ name: 'pnpm', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
});

test('Renovate finds the version of pnpm in package.json', () => {
  const { customManagers }: { customManagers: readonly { matchStrings: readonly string[] }[] } = JSON.parse(
    read('.github/renovate.json'),
  );
  const found = new RegExp(customManagers[0]?.matchStrings[0] ?? '').exec(read('package.json'));
  expect(found?.groups?.currentValue).toMatch(/^\d+\.\d+\.\d+$/);
});

test('every part of .ci/nightly has a job of nightly.yml', () => {
  const { jobs }: { jobs: { nightly: { strategy: { matrix: { part: readonly string[] } } } } } = parse(
    read('.github/workflows/nightly.yml'),
  );
  const [, all] = /set -- (.+)$/m.exec(read('.ci/nightly')) ?? [];
  expect(jobs.nightly.strategy.matrix.part).toEqual(all?.split(' '));
});
