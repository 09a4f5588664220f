import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { main } from './main.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A port on which nothing listens. */
const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

const subcommands = [
  ...['offers', 'run', 'upload', 'ps', 'logs', 'outputs', 'stop', 'cancel', 'reap', 'worker', 'dev'],
  ...['run', 'list', 'status', 'results', 'drain', 'cancel'].map((name) => `batch ${name}`),
  ...['rent', 'list', 'show', 'extend', 'release'].map((name) => `lease ${name}`),
  ...['start', 'status', 'run', 'pause', 'resume', 'remove'].map((name) => `reaper ${name}`),
];

test.each(subcommands)('%s --help lists --json', async (name) => {
  const terminal = recordingTerminal({});
  expect(await main([...name.split(' '), '--help'], terminal)).toBe(0);
  expect(terminal.outLines.join('\n')).toContain('--json');
});

test('--version prints the version of the package', async () => {
  const terminal = recordingTerminal({});
  expect(await main(['--version'], terminal)).toBe(0);
  expect(terminal.outLines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/)]);
});

describe('invalid input', () => {
  test('an unknown subcommand exits with 2 and names the subcommand', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['rent'], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain("unknown command 'rent'");
  });

  test('a --max-price that is not a number exits with 2', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['offers', '--max-price', 'cheap'], terminal)).toBe(2);
    expect(terminal.notes[0]).toContain('must be a number above 0');
  });

  test.each([
    [['H1000 SXM'], 'Unknown GPU "H1000 SXM". Did you mean "H100 SXM"? Run "gpu-clouds offers" to list GPUs.'],
    [['H100:8,H10O'], 'Unknown GPU "H10O". Did you mean "H100"? Run "gpu-clouds offers" to list GPUs.'],
    [['H100', '--gpu', 'A100:0'], '"A100:0" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    [['A100 or H100'], '"A100 or H100" names several GPUs: write a list, [A100, H100] in a job file'],
  ])('offers and lease refuse --gpu %j', async (gpu, sentence) => {
    for (const command of ['offers', 'lease']) {
      const terminal = recordingTerminal(nowhere);
      expect(await main([command, '--gpu', ...gpu], terminal)).toBe(2);
      expect(terminal.notes[0]).toContain(sentence);
    }
  });

  test.each(['offers', 'lease'])('%s refuses a --count that contradicts --gpu', async (command) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main([command, '--gpu', 'A100,8x H100', '--count', '4'], terminal)).toBe(1);
    expect(terminal.notes).toEqual([
      'gpu-clouds: --count: "8x H100" asks for 8 GPUs, not 4: leave out one of the two counts.',
    ]);
  });

  test('lease refuses a --count that contradicts its job file', async () => {
    const file = join(folder, 'job.yaml');
    writeFileSync(file, 'name: x\ncommand: "true"\nresources: { gpu: H100:8 }\n');
    const terminal = recordingTerminal(nowhere);
    expect(await main(['lease', file, '--count', '4'], terminal)).toBe(1);
    expect(terminal.notes).toEqual([expect.stringContaining('--count: "H100:8" asks for 8 GPUs, not 4')]);
  });

  test('offers without any credentials fails and names the missing variables', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['offers'], terminal)).toBe(1);
    expect(terminal.notes).toContain('verda is skipped: set VERDA_CLIENT_ID and VERDA_CLIENT_SECRET to include it.');
    expect(terminal.notes.at(-1)).toContain('No cloud has credentials.');
  });

  test('run fails when the job file does not exist', async () => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['run', join(folder, 'none.yaml')], terminal)).toBe(1);
    expect(terminal.notes).toEqual([
      expect.stringMatching(/^gpu-clouds: Cannot read the job file .*none\.yaml \(ENOENT\)\.$/),
    ]);
  });

  test('run rejects a malformed job file and names the field and its allowed values', async () => {
    const file = join(folder, 'job.yaml');
    writeFileSync(file, 'name: x\ncommand: true\nresources: { spot: maybe }\n');
    const terminal = recordingTerminal(nowhere);
    expect(await main(['run', file], terminal)).toBe(1);
    expect(terminal.notes.join('\n')).toContain('resources.spot');
    expect(terminal.notes.join('\n')).toContain('never');
    expect(terminal.notes.join('\n')).not.toContain('    at ');
  });

  test.each([
    [['batch'], 'error: missing required argument'],
    [['batch', 'x.yaml', '--window', '0'], 'It must be at least 1.'],
    [['batch', 'x.yaml', '--max-failures', 'few'], 'It must be a whole number.'],
    [['lease', '--max-cost', '0'], 'It must be a number above 0.'],
    [['lease', '--vendor', 'aws'], 'Allowed choices are'],
    [['reaper', 'destroy'], "unknown command 'destroy'"],
    [['worker', '--health-port', '70000'], 'It must be a port number from 1 to 65535.'],
  ])('incorrect usage exits with 2 and explains the error: %j', async (argv, sentence) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(argv, terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain(sentence);
  });

  test('batch rejects an invalid batch or items file before it connects to a server', async () => {
    const file = join(folder, 'sweep.yaml');
    writeFileSync(file, 'job: { name: x, command: "true" }\n');
    const terminal = recordingTerminal(nowhere);
    expect(await main(['batch', file], terminal)).toBe(1);
    expect(terminal.notes.join('\n')).toContain('it needs either items or matrix');
    writeFileSync(file, 'name: x\ncommand: "true"\n');
    writeFileSync(join(folder, 'items.csv'), 'SEED\n1,2\n');
    expect(await main(['batch', file, '--items', join(folder, 'items.csv')], terminal)).toBe(1);
    expect(terminal.notes.join('\n')).toContain('line 2 has 2 values for 1 variables');
    expect(await main(['batch', file, '--items', join(folder, 'none.csv')], terminal)).toBe(1);
    expect(terminal.notes.at(-1)).toMatch(/Cannot read the items file .*none\.csv \(ENOENT\)/);
  });

  test.each(['--every', '--grace'])('reaper start rejects a %s that is not a duration', async (option) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['reaper', 'start', option, 'often'], terminal)).toBe(1);
    expect(terminal.notes).toEqual([expect.stringContaining(`${option}: "often" is no duration`)]);
  });

  test.each([
    [['--gpu', 'H100', '--ttl', 'long'], '--ttl: "long" is no duration'],
    [['--gpu', 'H100', '--max-ttl', '3'], '--max-ttl: "3" is no duration'],
    [['--gpu', 'H100:8'], 'Set GPU_CLOUDS_MASTER_SECRET to 32 random bytes'],
    [['rent'], 'Set GPU_CLOUDS_MASTER_SECRET to 32 random bytes'],
    [['none.yaml'], 'Cannot read the job file none.yaml (ENOENT).'],
  ])('lease rejects invalid settings before it connects to a server: %j', async (argv, sentence) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['lease', ...argv], terminal)).toBe(1);
    expect(terminal.notes).toEqual([expect.stringContaining(sentence)]);
  });

  test('a bare lease rents nothing, shows the help of lease, and exits with 2', async () => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['lease'], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain('lease an instance to work on over SSH, for a limited time');
    expect(terminal.notes.join('\n')).toMatch(/^ +release .*<name>/m);
    expect(terminal.outLines).toEqual([]);
  });

  test.each([[['--json']], [['--ttl', '2h']], [['--name', 'mine']], [['--vendor', 'verda']], [['--count', '8']]])(
    'lease without a GPU or a job file rents nothing and exits with 2: %j',
    async (argv) => {
      const terminal = recordingTerminal(nowhere);
      expect(await main(['lease', ...argv], terminal)).toBe(2);
      expect(terminal.notes[0]).toContain('specify --gpu or a job file');
    },
  );

  test.each([
    [['lease', 'lsit'], 'list'],
    [['lease', 'relaese', 'mine'], 'release'],
    [['lease', 'extned', 'mine', '2h', '--json'], 'extend'],
    [['batch', 'drian'], 'drain'],
    [['batch', 'resluts', 'sweep', '--failed'], 'results'],
    [['reaper', 'stauts'], 'status'],
    [['offer'], 'offers'],
  ])('a mistyped subcommand gets a "Did you mean" suggestion: %j', async (argv, meant) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(argv, terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain(`error: unknown command '${argv[1] ?? argv[0]}'`);
    expect(terminal.notes.join('\n')).toContain(`(Did you mean ${meant}?)`);
  });

  test('an existing file whose name resembles a subcommand is read as the job file', async () => {
    writeFileSync(join(folder, 'lst'), 'name: x\ncommand: "true"\nresources: { spot: maybe }\n');
    const before = process.cwd();
    const terminal = recordingTerminal(nowhere);
    try {
      process.chdir(folder);
      expect(await main(['lease', 'lst'], terminal)).toBe(1);
    } finally {
      process.chdir(before);
    }
    expect(terminal.notes.join('\n')).toContain('resources.spot');
  });

  test('an interrupt while offers are listed exits with 130 and reports no cloud errors', async () => {
    const env = { VERDA_CLIENT_ID: 'a', VERDA_CLIENT_SECRET: 'b', VERDA_BASE_URL: 'http://127.0.0.1:9' };
    const terminal = recordingTerminal(env, AbortSignal.abort());
    expect(await main(['offers', '--vendor', 'verda'], terminal)).toBe(130);
    expect(terminal.notes).toEqual([]);
  });

  test('ps fails with a hint when no Temporal server answers', async () => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['ps'], terminal)).toBe(1);
    expect(terminal.notes).toEqual([
      'gpu-clouds: No Temporal server answers at 127.0.0.1:1. Set TEMPORAL_ADDRESS to its host:port, or start a local server with "gpu-clouds dev".',
    ]);
  });

  test('worker fails without a master secret', async () => {
    const terminal = recordingTerminal({ GPU_AI_API_KEY: 'k' });
    expect(await main(['worker'], terminal)).toBe(1);
    expect(terminal.notes.at(-1)).toContain('Set GPU_CLOUDS_MASTER_SECRET');
  });

  test('an --env-file that does not exist is reported', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['--env-file', join(folder, 'none.env'), 'offers'], terminal)).toBe(1);
    expect(terminal.notes[0]).toContain('Cannot read the settings file');
  });
});

test('upload prints the same ID for the same content, and refuses a path that does not exist', async () => {
  const env = { ...nowhere, GPU_CLOUDS_RUNS: join(folder, 'runs') };
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'x'), 'content');
  const terminal = recordingTerminal(env);
  expect(await main(['upload', join(folder, 'src')], terminal)).toBe(0);
  expect(await main(['upload', join(folder, 'src')], terminal)).toBe(0);
  expect(terminal.outLines).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), terminal.outLines[0]]);
  expect(terminal.notes).toEqual(['src: 1 file, 7 B, uploading', 'src: 1 file, 7 B, already in the run store']);
  expect(await main(['upload', join(folder, 'none')], terminal)).toBe(1);
  expect(terminal.notes.at(-1)).toBe(`gpu-clouds: ${folder}/none cannot be uploaded: there is no such file or folder.`);
});

test('outputs lists the files of a run, and copies them to a folder with their execute bits', async () => {
  const env = { ...nowhere, GPU_CLOUDS_RUNS: join(folder, 'runs') };
  const runs = localRunStore(join(folder, 'runs'));
  async function* content(text: string) {
    yield Buffer.from(text);
  }
  await runs.putFile('train', 'outputs/model/run.sh', content('#!/bin/sh'), { executable: true });
  await runs.putFile('train', 'outputs/log', content('done'));
  const terminal = recordingTerminal(env);
  expect(await main(['outputs', 'train'], terminal)).toBe(0);
  expect(terminal.outLines.join('\n')).toMatch(/^SIZE +FILE\n +4 B +log\n +9 B +model\/run\.sh$/);
  const to = join(folder, 'copied');
  expect(await main(['outputs', 'train', '--to', to], terminal)).toBe(0);
  expect(terminal.notes).toEqual([`Copied 2 files, 13 B, to ${to}.`]);
  expect(readFileSync(join(to, 'log'), 'utf8')).toBe('done');
  expect([statSync(join(to, 'model/run.sh')).mode & 0o100, statSync(join(to, 'log')).mode & 0o100]).toEqual([0o100, 0]);
  expect(await main(['outputs', 'other'], terminal)).toBe(1);
  expect(terminal.notes.at(-1)).toContain('The run store has no files of "other".');
});
