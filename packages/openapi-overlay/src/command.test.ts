import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from './command.ts';

const overlay = `overlay: 1.1.0
info: { title: Patches, version: '1' }
extends: ./published%20one.json
actions:
  - { target: $.info.title, update: Pets, x-reason: They are pets. }
`;

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
  let stdout = '';
  let stderr = '';
  const terminal = {
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
  test("writes the document's own format", async () => {
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'))).toEqual({
      code: 0,
      stdout: 'info:\n  title: Pets\n',
      stderr: '',
    });
    const json = await run('apply', at('published one.json'), at('overlay.yaml'));
    expect(json.stdout).toBe('{\n  "info": {\n    "title": "Pets"\n  }\n}\n');
  });

  test.each([[[]], [['-']]])('reads what the overlay extends when the document is %j', async (document) => {
    expect(await run('apply', ...document, at('overlay.yaml'), '--format', 'yaml')).toMatchObject({
      code: 0,
      stdout: 'info:\n  title: Pets\n',
    });
  });

  test("writes a file in the format of the file's name", async () => {
    expect(await run('apply', at('overlay.yaml'), '-o', at('patched.yaml'))).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(at('patched.yaml'), 'utf8')).toBe('info:\n  title: Pets\n');
  });

  test('writes nothing when an action is stale, and says which', async () => {
    await write('published.yaml', 'info: {}\n');
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'), '-o', at('patched.yaml'))).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'overlay.yaml:5:15: actions[0] $.info.title: the target matches nothing; $.info exists and is empty ' +
        "(the patch's reason: They are pets.)\n",
    });
    await expect(readFile(at('patched.yaml'))).rejects.toThrow('ENOENT');
    expect(await run('apply', at('published.yaml'), at('overlay.yaml'), '--lenient')).toMatchObject({
      code: 0,
      stdout: 'info: {}\n',
    });
  });

  test('asks for evidence when it is required', async () => {
    expect(await run('apply', at('overlay.yaml'), '--require-evidence')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('x-evidence, x-grade missing'),
    });
  });
});

describe('check', () => {
  test('has a line for each action', async () => {
    await write(
      'overlay.yaml',
      `${overlay}  - { target: $.info.title, update: Pets }
  - { target: $.tags, remove: true, x-reason: There are none. }
  - { target: $.info, update: [] }
  - { target: $.info, update: { version: '1' }, x-matches: 2 }
`,
    );
    expect(await run('check', at('overlay.yaml'))).toEqual({
      code: 1,
      stderr: '',
      stdout: [
        'actions[0] applies $.info.title',
        'actions[1] already fixed $.info.title: already fixed: the document says this without the action; delete the action',
        "actions[2] matches nothing $.tags: the target matches nothing; $ exists and has info (the patch's reason: There are none.)",
        'actions[3] does not fit $.info: $.info is an object and cannot take an array',
        'actions[4] matches another number $.info: the target matches 1 node instead of 2 ($.info); correct the target, or set x-matches: 1',
        '1 of 5 actions apply\n',
      ].join('\n'),
    });
  });

  test('is content when all actions apply', async () => {
    expect(await run('check', at('published.yaml'), at('overlay.yaml'))).toMatchObject({
      code: 0,
      stdout: 'actions[0] applies $.info.title\n1 of 1 actions apply\n',
    });
  });
});

describe('validate', () => {
  test('says that an overlay is valid', async () => {
    expect(await run('validate', at('overlay.yaml'))).toEqual({
      code: 0,
      stdout: 'overlay.yaml is valid: Overlay 1.1, 1 action\n',
      stderr: '',
    });
  });

  test('lists what is wrong', async () => {
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

describe('bad input ends with one sentence and exit code 1', () => {
  test.each([
    [['validate', 'none.yaml'], 'none.yaml: cannot be read: there is no such file or folder\n'],
    [['apply', '.', 'overlay.yaml'], 'cannot be read: it is a folder\n'],
    [
      ['apply', 'overlay.yaml', '-o', 'none/x.yaml'],
      'none/x.yaml: cannot be written: there is no such file or folder\n',
    ],
  ])('%j', async (args, message) => {
    const [name = '', ...rest] = args;
    const result = await run(name, ...rest.map((argument) => (argument.startsWith('-') ? argument : at(argument))));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [
      'https://example.com/openapi.json',
      '"extends" is https://example.com/openapi.json, which is not a file: download',
    ],
    ['http://', '"extends" is http://, which is not a file: download'],
    ['./none.json', 'none.json: cannot be read: there is no such file or folder'],
  ])('an overlay that extends %s', async (reference, message) => {
    await write('overlay.yaml', overlay.replace('./published%20one.json', reference));
    const result = await run('apply', at('overlay.yaml'));
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });

  test('an overlay that extends nothing', async () => {
    await write('overlay.yaml', overlay.replace(/extends.*\n/, ''));
    expect(await run('apply', at('overlay.yaml'))).toMatchObject({
      code: 1,
      stderr: 'overlay.yaml: there is no "extends": name the document before the overlay\n',
    });
  });
});

describe('a command that is not understood ends with exit code 2', () => {
  test.each([
    [[], 'Which command? apply, check or validate.'],
    [['merge'], 'There is no command "merge"'],
    [['apply'], 'apply takes a document and an overlay.'],
    [['check', 'a', 'b', 'c'], 'check takes a document and an overlay.'],
    [['validate'], 'validate takes one file'],
    [['validate', 'a', '--lenient'], 'validate takes no --lenient.'],
    [['apply', 'a', '--format', 'toml'], '--format is yaml or json, not "toml".'],
    [['apply', 'a', '--no-such-option'], "Unknown option '--no-such-option'"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nTry: openapi-overlay --help\n$/);
  });
});

test('tells its version and its usage', async () => {
  expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('openapi-overlay apply') });
});
