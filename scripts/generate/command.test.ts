import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { acmeDocument, acmeRules, Workshop } from './__fixtures__/acme.ts';
import { generateCommand } from './command.ts';
import type { UpgradeReport } from './upgrade/report.ts';
import { vendors } from './vendors.ts';

async function run(args: readonly string[], root = '/nowhere', rules = vendors) {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await generateCommand(args, {
    root,
    vendors: rules,
    print: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

/** A repository whose only commit has the small vendor's files, with another server URL in the working copy. */
async function openRepository(): Promise<Workshop> {
  const workshop = await Workshop.open();
  await workshop.write('packages/acme/package.json', '{ "version": "0.3.0" }');
  await workshop.write('.changeset/config.json', '{}');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@acme.test', ...args], { cwd: workshop.root });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--no-verify', '--message=Publish');
  await workshop.write('specs/acme/published.yaml', acmeDocument.replace('api.acme.test', 'eu.acme.test'));
  return workshop;
}

test('generate with an unknown vendor prints one line that lists the vendors', async () => {
  expect(await run(['hetzner'])).toEqual({
    code: 1,
    said: '',
    complained: 'Unknown vendor "hetzner". Choose one of gpu-ai, massed-compute, tensordock, verda.',
  });
});

test('generate with an unknown option prints one line', async () => {
  const { code, complained } = await run(['--dry-run']);
  expect(code).toBe(1);
  expect(complained).toContain("Unknown option '--dry-run'");
  expect(complained).not.toContain('\n');
});

test('generate with an unknown report format prints one line that lists the formats', async () => {
  const { code, complained } = await run(['--report', 'xml']);
  expect(code).toBe(1);
  expect(complained).toBe('Unknown report format "xml". Choose text or json.');
});

test('generate --help prints the usage', async () => {
  const { code, said } = await run(['--help']);
  expect(code).toBe(0);
  expect(said).toContain('pnpm generate [VENDOR] [options]');
});

test('generate with a vendor processes only that vendor and exits with 1 when it fails', async () => {
  expect(await run(['verda', '--check'])).toEqual({
    code: 1,
    said: '',
    complained: 'verda: specs/verda/published.json is missing.',
  });
});

test('generate --report json prints only JSON, with the change against the commit', async () => {
  await using workshop = await openRepository();
  const { code, said, complained } = await run(['acme', '--report', 'json'], workshop.root, [acmeRules]);
  expect(complained).toBe('acme: 3 operations, 9 of 9 files written');
  expect(code).toBe(0);
  const [report]: UpgradeReport[] = JSON.parse(said);
  expect(report).toMatchObject({
    vendor: 'acme',
    since: 'HEAD',
    changes: [{ at: 'servers[0].url', what: 'changed', impact: 'breaking' }],
    baseUrl: { before: 'https://api.acme.test', after: 'https://eu.acme.test' },
  });
});

test('generate --report json prints an empty list if no document changed', async () => {
  await using workshop = await openRepository();
  await workshop.write('specs/acme/published.yaml', acmeDocument);
  expect((await run(['--report', 'json'], workshop.root, [acmeRules])).said).toBe('[]');
});

test('generate --changeset writes a changeset that says what users notice', async () => {
  await using workshop = await openRepository();
  await workshop.doctor('published', 'summary: Check the key', 'summary: Test `the` key');
  const { complained } = await run(['acme', '--changeset'], workshop.root, [acmeRules]);
  expect(complained).toContain('.changeset/acme-document.md written');
  expect(await workshop.read('.changeset/acme-document.md')).toBe(`---
'@gpu-clouds/acme': minor
---

Update to the vendor's new API document.

Breaking:

- \`servers[0].url: "https://api.acme.test" -> "https://eu.acme.test"\`

In the client:

- The default base URL is \`https://eu.acme.test\`.
`);
});

test('generate --changeset for new words only is a patch', async () => {
  await using workshop = await openRepository();
  await workshop.write('specs/acme/published.yaml', acmeDocument.replace('Check the key', 'Test the key'));
  await run(['acme', '--changeset'], workshop.root, [acmeRules]);
  expect(await workshop.read('.changeset/acme-document.md')).toBe(`---
'@gpu-clouds/acme': patch
---

Update to the vendor's new API document.

Only descriptions and examples change.
`);
});

test('generate --since compares with the documents of a commit', async () => {
  await using workshop = await openRepository();
  const { said } = await run(['acme', '--since', 'main'], workshop.root, [acmeRules]);
  expect(said).toContain('specs/acme/published.yaml differs from main: 1 breaking');
});

test('generate --since with an unknown commit prints one line', async () => {
  await using workshop = await openRepository();
  const { code, complained } = await run(['acme', '--since', 'nowhere'], workshop.root, [acmeRules]);
  expect(code).toBe(1);
  expect(complained).toBe('acme: git has no commit nowhere.');
});

test('generate --since does not take an option of git for a commit', async () => {
  await using workshop = await openRepository();
  const { code, complained } = await run(['acme', '--since=--output=stolen'], workshop.root, [acmeRules]);
  expect(code).toBe(1);
  expect(complained).toBe('acme: git has no commit --output=stolen.');
  await expect(workshop.read('stolen')).rejects.toThrow('ENOENT');
});

const nothing = 'Nothing has changed since the last run.';

test('generate does nothing if no file has changed since the last run that succeeded', async () => {
  await using workshop = await openRepository();
  await workshop.write('specs/acme/published.yaml', acmeDocument);
  const again = async (...args: string[]) => (await run(['acme', ...args], workshop.root, [acmeRules])).said;
  expect(await again()).toContain('9 of 9 files written');
  expect(await again()).toBe(nothing);
  // Only a plain run may trust an earlier one.
  for (const option of ['--check', '--changeset', '--report=text', '--since=HEAD']) {
    expect(await again(option)).toContain('up to date');
  }
});

test.each([
  ['a generated file', 'packages/acme/src/generated/types.ts'],
  ['a generated document', 'packages/acme/METHODS.md'],
  ['the patched document', 'specs/acme/openapi.yaml'],
])('generate writes %s again that was edited', async (_, path) => {
  await using workshop = await openRepository();
  await workshop.write('specs/acme/published.yaml', acmeDocument);
  await run(['acme'], workshop.root, [acmeRules]);
  const text = await workshop.read(path);
  await workshop.write(path, `${text}edited`);
  expect((await run(['acme'], workshop.root, [acmeRules])).said).toBe('acme: 3 operations, 1 of 9 files written');
  expect(await workshop.read(path)).toBe(text);
});

test.each(['scripts/generate/new.ts', 'packages/openapi-overlay/src/new.ts', 'pnpm-lock.yaml'])(
  'generate runs again when %s is new',
  async (path) => {
    await using workshop = await openRepository();
    await workshop.write('specs/acme/published.yaml', acmeDocument);
    await run(['acme'], workshop.root, [acmeRules]);
    await workshop.write(path, 'export {};');
    expect((await run(['acme'], workshop.root, [acmeRules])).said).toBe('acme: 3 operations, up to date');
  },
);

test('generate repeats the report of a document until it is committed', async () => {
  await using workshop = await openRepository();
  for (const _ of [1, 2]) {
    expect((await run(['acme'], workshop.root, [acmeRules])).said).toContain('differs from HEAD: 1 breaking');
  }
});
