// Rehearses a release in a temporary clone of the last commit: creates versions and changelogs from the changesets, builds, packs,
// publishes to a local registry, installs from it in an empty project, and compiles and runs programs there.
// Usage: node scripts/packages/rehearse-release.ts
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmptyProject, makeEmptyProject } from './empty-project.ts';
import { everyClientFile, writeEveryClient } from './every-client.ts';
import { type LocalRegistry, startLocalRegistry } from './local-registry.ts';
import { type Publishable, publishablePackages, root } from './publishable.ts';
import { runCommand } from './run-command.ts';
import { runPrograms } from './run-programs.ts';
import { ownErrors } from './type-check.ts';
import { none, part, type Verdict } from './verdict.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-release-'));
const checkout = join(folder, 'checkout');
const identity = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Rehearsal' };
const env = { ...process.env, ...identity, GIT_CONFIG_KEY_1: 'user.email', GIT_CONFIG_VALUE_1: 'rehearsal@localhost' };
const inCheckout = (command: string, ...args: readonly string[]) => runCommand(command, args, { cwd: checkout, env });

let registry: LocalRegistry | undefined;
let project: EmptyProject | undefined;

async function version(): Promise<Verdict> {
  await runCommand('git', ['clone', '--quiet', root, checkout], { cwd: folder });
  await inCheckout('pnpm', 'install', '--frozen-lockfile', '--prefer-offline');
  const before = new Map(publishablePackages(checkout).map(({ name, version }) => [name, version]));
  await inCheckout('pnpm', 'changeset', 'version');
  const after = publishablePackages(checkout);
  const problems = after.flatMap((one) => versionProblems(one, before.get(one.name)));
  return none(problems, after.map(({ name, version }) => `${name.replace(/.*\//, '')} ${version}`).join(', '));
}

function versionProblems({ name, version, folder }: Publishable, before: string | undefined): readonly string[] {
  // A package keeps its version if neither a changeset nor a dependency's new version requires another.
  if (version === before) return [];
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  return changelog.includes(`\n## ${version}\n`) ? [] : [`${name}: CHANGELOG.md does not tell of ${version}`];
}

async function publish(): Promise<Verdict> {
  await inCheckout('pnpm', 'build');
  const storage = join(folder, 'registry');
  mkdirSync(storage);
  registry = await startLocalRegistry(storage);
  writeFileSync(join(checkout, '.npmrc'), `registry=${registry.url}\n${registry.npmrc}`);
  // The same steps as in .github/workflows/release.yml, where each is a job of its own.
  const [plan, packed] = [join(folder, 'publish-plan.json'), join(folder, 'packed')];
  await inCheckout('pnpm', 'changeset', 'publish-plan', '--output', plan);
  await inCheckout('pnpm', 'changeset', 'pack', '--from-publish-plan', plan, '--out-dir', packed);
  await inCheckout('pnpm', 'changeset', 'publish', '--from-pack-dir', packed);
  const missing: string[] = [];
  for (const { name, version } of publishablePackages(checkout)) {
    const { ok } = await fetch(new URL(`${name.replace('/', '%2f')}/${version}`, registry.url));
    if (!ok) missing.push(`${name}@${version} is not in the registry`);
  }
  return none(missing, 'planned, packed and published by changesets, to a registry on this machine');
}

async function install(): Promise<Verdict> {
  const packages = publishablePackages(checkout).map(({ name, version }) => [name, version]);
  const others = { typescript: '~7.0.2', '@types/node': '^24.0.0', msw: '^3.0.5' };
  project = await makeEmptyProject(join(folder, 'project'), {
    dependencies: { ...Object.fromEntries(packages), ...others },
    npmrc: registry?.npmrc ?? '',
    programs: join(import.meta.dirname, 'consumer'),
  });
  writeEveryClient(project);
  return { ok: true, text: 'from that registry, in an empty project' };
}

async function compileAndRun(): Promise<Verdict> {
  if (project === undefined) return { ok: false, text: 'there is no project to run in' };
  const made = project;
  const flags = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ];
  const errors = await made
    .run('tsc', [...flags, everyClientFile, 'clients.ts', 'mocks.ts', 'extras.ts', 'durable.ts'])
    .then(
      () => [],
      (error) => ownErrors(error.output ?? String(error)),
    );
  return errors.length > 0 ? none(errors, '') : runPrograms(made);
}

try {
  const good =
    (await part('version', version)) &&
    (await part('publish', publish)) &&
    (await part('install', install)) &&
    (await part('run', compileAndRun));
  process.exitCode = good ? 0 : 1;
} finally {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
}
