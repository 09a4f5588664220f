import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'gpu-clouds-hooks-'));
  for (const file of ['lefthook.yml', 'biome.json', '.gitignore']) copyFileSync(join(root, file), join(checkout, file));
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
});
afterEach(() => rmSync(checkout, { recursive: true }));

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const person = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_COUNT: '2' };
  const name = {
    GIT_CONFIG_KEY_0: 'user.name',
    GIT_CONFIG_VALUE_0: 'A',
    GIT_CONFIG_KEY_1: 'user.email',
    GIT_CONFIG_VALUE_1: 'a@b',
  };
  // A test that runs inside a hook must not act on the repository of that hook.
  const { GIT_DIR: _dir, GIT_INDEX_FILE: _index, GIT_WORK_TREE: _tree, ...others } = process.env;
  return spawnSync(command, args, {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...others, ...person, ...name, CI: '', LEFTHOOK: '', ...env },
  });
}
const git = (...args: readonly string[]) => run('git', args);
const installHooks = (env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [join(root, 'scripts/hooks/install-hooks.ts')], env);
const hook = () => existsSync(join(checkout, '.git/hooks/pre-commit'));

test('a commit formats the files that it holds, and only those', () => {
  git('init', '--quiet');
  expect(installHooks().status).toBe(0);
  writeFileSync(join(checkout, 'staged.ts'), 'export const  one = "1"');
  writeFileSync(join(checkout, 'beside.ts'), 'export const  two = "2"');
  git('add', 'staged.ts', 'biome.json', '.gitignore');
  expect(git('commit', '--quiet', '-m', 'x')).toMatchObject({ status: 0 });
  expect(git('show', 'HEAD:staged.ts').stdout).toBe("export const one = '1';\n");
  expect(git('show', '--name-only', '--format=').stdout).toBe('.gitignore\nbiome.json\nstaged.ts\n');
  expect(readFileSync(join(checkout, 'beside.ts'), 'utf8')).toBe('export const  two = "2"');
});

test('a commit is refused when lint finds what it cannot repair', () => {
  git('init', '--quiet');
  installHooks();
  writeFileSync(join(checkout, 'staged.ts'), 'export const one: any = 1;\n');
  git('add', 'staged.ts');
  const { status, stdout, stderr } = git('commit', '--quiet', '-m', 'x');
  expect(status).toBe(1);
  expect(stdout + stderr).toContain('noExplicitAny');
});

test('a commit of nothing that can be formatted passes', () => {
  git('init', '--quiet');
  installHooks();
  writeFileSync(join(checkout, 'notes.txt'), 'x');
  git('add', 'notes.txt');
  expect(git('commit', '--quiet', '-m', 'x')).toMatchObject({ status: 0 });
});

test('an install without Git, in CI, or without lefthook sets up no hooks and does not fail', () => {
  expect(installHooks()).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(checkout, '.git'))).toBe(false);
  git('init', '--quiet');
  expect(installHooks({ CI: 'true' })).toMatchObject({ status: 0, stderr: '' });
  expect(hook()).toBe(false);
  rmSync(join(checkout, 'node_modules'));
  expect(installHooks()).toMatchObject({ status: 0, stderr: '' });
  expect(hook()).toBe(false);
});

test('an install says so and does not fail where the hooks cannot be set up', () => {
  git('init', '--quiet');
  writeFileSync(join(checkout, 'lefthook.yml'), 'pre-commit: [');
  expect(installHooks()).toMatchObject({ status: 0, stderr: expect.stringContaining('The Git hooks are not set up.') });
});
