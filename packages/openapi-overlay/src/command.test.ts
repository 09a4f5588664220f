import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from './command.ts';

const overlay = `overlay: 1.1.0
info: { title: Patches, version: '1' }
extends: ./published%20one.json
actions:
  - { target: $.info.title, update: Pets, x-reason: They are pets. }
`;

/** Only a failing test waits this long. */
const patience = { timeout: 30_000 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  await write('published one.json', '{"info":{"title":"Cats"}}');
  await write('published.yaml', 'info:\n  title: Cats\n');
  await write('overlay.yaml', overlay);
});

afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFile(at(name), text);

async function run(...args: string[]) {
  return await runUntil(undefined, ...args);
}

async function runUntil(signal: AbortSignal | undefined, ...args: string[]) {
  let stdout = '';
  let stderr = '';
  const terminal = {
    signal,
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => {
      stderr += text.replaceAll(`${folder}/`, '');
    },
  };
  const code = await main(args, terminal);
  return { code, stdout: stdout.replaceAll(`${folder}/`, ''), stderr };
}

describe('apply', () => {
  test("apply writes the document's own format", async () => {
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'))).toEqual({
      code: 0,
      stdout: 'info:\n  title: Pets\n',
      stderr: '',
    });
    const json = await run('apply', at('published one.json'), at('overlay.yaml'));
    expect(json.stdout).toBe('{\n  "info": {\n    "title": "Pets"\n  }\n}\n');
  });

  test.each([[[]], [['-']]])(
    'apply reads the document that the overlay extends when the document is %j',
    async (document) => {
      expect(await run('apply', ...document, at('overlay.yaml'), '--format', 'yaml')).toMatchObject({
        code: 0,
        stdout: 'info:\n  title: Pets\n',
      });
    },
  );

  test("apply writes the format of the output file's name", async () => {
    expect(await run('apply', at('overlay.yaml'), '-o', at('patched.yaml'))).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(at('patched.yaml'), 'utf8')).toBe('info:\n  title: Pets\n');
  });

  test('apply writes nothing when an action does not fit, and reports the action', async () => {
    await write('published.yaml', 'info: {}\n');
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'), '-o', at('patched.yaml'))).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'overlay.yaml:5:15: actions[0] $.info.title: the target matches nothing; $.info exists and is empty ' +
        '(reason: They are pets.)\n',
    });
    await expect(readFile(at('patched.yaml'))).rejects.toThrow('ENOENT');
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'), '--lenient')).toMatchObject({
      code: 0,
      stdout: 'info: {}\n',
    });
  });

  test('apply --require-evidence refuses an action without evidence', async () => {
    expect(await run('apply', at('overlay.yaml'), '--require-evidence')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('x-evidence, x-grade missing'),
    });
  });
});

describe('--check', () => {
  test('apply --check exits with 1 until the output is up to date, and writes nothing', async () => {
    const output = at('patched.yaml');
    expect(await run('apply', at('overlay.yaml'), '-o', output, '--check')).toMatchObject({
      code: 1,
      stderr: 'patched.yaml: cannot be read: no such file or folder\n',
    });
    await run('apply', at('overlay.yaml'), '-o', output);
    expect(await run('apply', at('overlay.yaml'), '-o', output, '--check')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    await write('patched.yaml', 'info: {}\n');
    expect(await run('apply', at('overlay.yaml'), '-o', output, '--check')).toMatchObject({
      code: 1,
      stderr: 'patched.yaml is not up to date. Run the command without --check to write it.\n',
    });
    expect(await readFile(output, 'utf8')).toBe('info: {}\n');
  });
});

describe('diff', () => {
  test('diff writes an overlay that turns one document into the other', async () => {
    await write('after.yaml', 'info:\n  title: Dogs\n');
    await run('diff', at('published.yaml'), at('after.yaml'), '-o', at('diff.yaml'));
    expect(await run('apply', at('published.yaml'), at('diff.yaml'))).toMatchObject({
      code: 0,
      stdout: 'info:\n  title: Dogs\n',
    });
  });

  test('diff exits with 1 if the documents have the same content', async () => {
    await write('after.json', '{"info": {"title": "Cats"}}');
    expect(await run('diff', at('published.yaml'), at('after.json'))).toMatchObject({
      code: 1,
      stderr: 'after.json: has the same content as published.yaml, and an overlay needs at least one action\n',
    });
  });
});

describe('--watch', () => {
  test('apply --watch writes the output again when the overlay or the extended document changes', async () => {
    const stop = new AbortController();
    const output = at('patched.yaml');
    const watching = runUntil(stop.signal, 'apply', at('overlay.yaml'), '-o', output, '--watch');
    const written = (text: string) =>
      vi.waitFor(async () => expect(await readFile(output, 'utf8')).toBe(text), patience);
    await written('info:\n  title: Pets\n');
    await write('overlay.yaml', overlay.replace('update: Pets', 'update: Dogs'));
    await written('info:\n  title: Dogs\n');
    await write('new.json', '{"info":{"title":"Cats"},"tags":[]}');
    await rename(at('new.json'), at('published one.json'));
    await written('info:\n  title: Dogs\ntags: []\n');
    stop.abort();
    expect(await watching).toMatchObject({ code: 0 });
  });

  test('validate --watch continues after a file with problems', async () => {
    const stop = new AbortController();
    let stderr = '';
    const terminal = { signal: stop.signal, stdout: () => undefined, stderr: (text: string) => (stderr += text) };
    await write('overlay.yaml', 'overlay: 3.0.0\n');
    const watching = main(['validate', at('overlay.yaml'), '--watch'], terminal);
    await vi.waitFor(() => expect(stderr).toContain('"overlay" is "3.0.0"'), patience);
    await write('overlay.yaml', 'overlay: 4.0.0\n');
    await vi.waitFor(() => expect(stderr).toContain('"overlay" is "4.0.0"'), patience);
    stop.abort();
    expect(await watching).toBe(0);
  });
});

describe('report', () => {
  test('report prints one line per action', async () => {
    await write(
      'overlay.yaml',
      `${overlay}  - { target: $.info.title, update: Pets }
  - { target: $.tags, remove: true, x-reason: There are none. }
  - { target: $.info, update: [] }
  - { target: $.info, update: { version: '1' }, x-matches: 2 }
`,
    );
    expect(await run('report', at('overlay.yaml'))).toEqual({
      code: 1,
      stderr: '',
      stdout: [
        'actions[0] applies $.info.title',
        'actions[1] changes nothing $.info.title: already fixed: the document has all of it. Delete the action',
        'actions[2] matches nothing $.tags: the target matches nothing; $ exists and has info (reason: There are none.)',
        'actions[3] does not fit $.info: $.info is an object and cannot take an array',
        'actions[4] matches another number $.info: the target matches 1 node instead of 2: $.info. Correct the target, or x-matches if the action fits all of them',
        '1 of 5 actions apply\n',
      ].join('\n'),
    });
  });

  test('report exits with 0 when all actions apply', async () => {
    expect(await run('report', at('published.yaml'), at('overlay.yaml'))).toMatchObject({
      code: 0,
      stdout: 'actions[0] applies $.info.title\n1 of 1 actions apply\n',
    });
  });
});

describe('validate', () => {
  test('validate confirms a valid overlay', async () => {
    expect(await run('validate', at('overlay.yaml'))).toEqual({
      code: 0,
      stdout: 'overlay.yaml is valid: Overlay 1.1, 1 action\n',
      stderr: '',
    });
  });

  test('validate lists every problem', async () => {
    await write('overlay.yaml', 'overlay: 1.1.0\nactions: []\n');
    expect(await run('validate', at('overlay.yaml'))).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'overlay.yaml:1:1: "info" is missing\noverlay.yaml:2:10: "actions" must be a list of at least one action\n',
    });
    await write('overlay.yaml', overlay);
    expect(await run('validate', at('overlay.yaml'), '--require-evidence')).toMatchObject({ code: 1 });
  });
});

describe('bad input', () => {
  test.each([
    [['validate', 'none.yaml'], 'none.yaml: cannot be read: no such file or folder\n'],
    [['apply', '.', 'overlay.yaml'], 'cannot be read: it is a folder\n'],
    [['apply', 'overlay.yaml', '-o', 'none/x.yaml'], 'none/x.yaml: cannot be written: no such file or folder\n'],
  ])('%j exits with 1 and one sentence', async (args, message) => {
    const [name = '', ...rest] = args;
    const result = await run(name, ...rest.map((argument) => (argument.startsWith('-') ? argument : at(argument))));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [
      'https://example.com/openapi.json',
      '"extends" is https://example.com/openapi.json, which is not a file. Download',
    ],
    ['http://', '"extends" is http://, which is not a file. Download'],
    ['./none.json', 'none.json: cannot be read: no such file or folder'],
  ])('an overlay that extends %s exits with 1', async (reference, message) => {
    await write('overlay.yaml', overlay.replace('./published%20one.json', reference));
    const result = await run('apply', at('overlay.yaml'));
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });

  test('apply resolves extends against $self', async () => {
    await write('overlay.yaml', overlay.replace('overlay: 1.1.0', 'overlay: 1.2.0\n$self: https://example.com/o.yaml'));
    expect(await run('apply', at('overlay.yaml'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"extends" is https://example.com/published%20one.json, which is not a file.'),
    });
  });

  test('an overlay without extends exits with 1 if no document is named', async () => {
    await write('overlay.yaml', overlay.replace(/extends.*\n/, ''));
    expect(await run('apply', at('overlay.yaml'))).toMatchObject({
      code: 1,
      stderr: 'overlay.yaml: has no "extends". Name the document before the overlay\n',
    });
  });
});

describe('wrong usage', () => {
  test.each([
    [[], 'Missing command: apply, report, validate, or diff.'],
    [['merge'], 'Unknown command "merge"'],
    [['apply'], 'apply takes DOCUMENT (optional) and OVERLAY.'],
    [['report', 'a', 'b', 'c'], 'report takes DOCUMENT (optional) and OVERLAY.'],
    [['validate'], 'validate takes one file: OVERLAY.'],
    [['validate', 'a', '--lenient'], 'validate has no option --lenient.'],
    [['diff', 'a'], 'diff takes two files: BEFORE and AFTER.'],
    [['apply', 'a', '--check'], '--check needs --output FILE.'],
    [['apply', 'a', '--format', 'toml'], '--format is yaml or json, not "toml".'],
    [['apply', 'a', '--no-such-option'], "Unknown option '--no-such-option'"],
  ])('%j exits with 2', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nRun "openapi-overlay --help" for usage\.\n$/);
  });
});

test('--version and --help print the version and the usage', async () => {
  expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('openapi-overlay apply') });
});
