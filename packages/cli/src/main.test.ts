import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leafCommands } from '../test/leaf-commands.ts';
import { checkOutput, outputSchemas, publishedSchema } from '../test/output-schemas.ts';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { main } from './main.ts';
import { TemporalUnreachableError } from './temporal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A port on which nothing listens. */
const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

test.each(leafCommands())('$name --help has a description and examples', async ({ name }) => {
  const terminal = recordingTerminal({});
  expect(await main([...name.split(' '), '--help'], terminal)).toBe(0);
  expect(terminal.outLines.join('\n')).toMatch(new RegExp(`\nExamples:\n  # .+\n  gpu-clouds ${name}`));
});

test.each(leafCommands())(
  '$name has --json, unless its output is that of another program or for a person only',
  ({ name, options }) => {
    expect(options.includes('--json')).toBe(!['exec', 'cp', 'completion', 'mcp', 'approve'].includes(name));
  },
);

test('no line of an example in the help is wrapped at 80 columns', async () => {
  for (const { name } of leafCommands()) {
    const terminal = { ...recordingTerminal({}), columns: 200 };
    await main([...name.split(' '), '--help'], terminal);
    const [, behindOptions = ''] = terminal.outLines.join('\n').split(/display help for command/);
    const long = behindOptions.split('\n').filter((line) => line.startsWith('  ') && line.length > 80);
    expect([name, long]).toEqual([name, []]);
  }
});

test.each([80, 200])('the help of every command fits into %d columns', async (columns) => {
  for (const { name } of leafCommands()) {
    const terminal = { ...recordingTerminal({}), columns };
    await main([...name.split(' '), '--help'], terminal);
    const long = terminal.outLines
      .join('\n')
      .split('\n')
      .filter((line) => line.length > columns && !/^ {2}(gpu-clouds|#) /.test(line));
    expect([name, long]).toEqual([name, []]);
  }
});

test('COMMANDS.md has the help of every command', async () => {
  const parts = [
    '# Commands',
    'What `gpu-clouds <command> --help` shows. Updated by `pnpm vitest run src/main.test.ts -u`.',
  ];
  for (const { name } of leafCommands()) {
    const terminal = recordingTerminal({});
    await main([...name.split(' '), '--help'], terminal);
    parts.push(`## ${name}`, `\`\`\`text\n${terminal.outLines.join('\n').trimEnd()}\n\`\`\``);
  }
  await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot('../COMMANDS.md');
});

test('output.schema.json describes the JSON of every command', async () => {
  await expect(`${JSON.stringify(publishedSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../generated/output.schema.json',
  );
  const withJson = leafCommands().filter(({ options }) => options.includes('--json'));
  expect(Object.keys(outputSchemas).toSorted()).toEqual(withJson.map(({ name }) => name).toSorted());
});

test('--version prints the version of the package', async () => {
  const terminal = recordingTerminal({});
  expect(await main(['--version'], terminal)).toBe(0);
  expect(terminal.outLines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/)]);
});

describe('invalid input', () => {
  test('a --max-price that is not a number exits with 2', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['offers', '--max-price', 'cheap'], terminal)).toBe(2);
    expect(terminal.notes[0]).toContain('must be a number above 0');
  });

  test.each([
    [['H1000 SXM'], 'Unknown GPU "H1000 SXM". Did you mean "H100 SXM"? Run "gpu-clouds offers" to list GPUs.'],
    [['H100:8,H10O'], 'Unknown GPU "H10O". Did you mean "H100"? Run "gpu-clouds offers" to list GPUs.'],
    [['H100', '--gpu', 'A100:0'], '"A100:0" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    [['A100,'], 'A name is missing beside a comma.'],
    [['A100 or H100'], '"A100 or H100" names several GPUs: write a list, [A100, H100] in a job file'],
  ])('offers, run, and up refuse --gpu %j', async (gpu, sentence) => {
    for (const command of ['offers', 'run', 'up']) {
      const terminal = recordingTerminal(nowhere);
      expect(await main([command, '--gpu', ...gpu], terminal)).toBe(2);
      expect(terminal.notes[0]).toContain(sentence);
    }
  });

  test.each([
    [['offer'], 'Unknown command "offer". Did you mean "offers"? Run "gpu-clouds --help" for usage.'],
    [['batch', 'drian'], 'Unknown command "drian". Did you mean "drain"? Run "gpu-clouds batch --help" for usage.'],
    [
      ['reaper', 'stauts'],
      'Unknown command "stauts". Did you mean "status"? Run "gpu-clouds reaper --help" for usage.',
    ],
    [
      ['offers', '--regoin', 'FIN'],
      'Unknown option "--regoin". Did you mean "--region"? Run "gpu-clouds offers --help" for usage.',
    ],
    [['offers', '--vendor', 'verada'], 'Unknown cloud "verada". Did you mean "verda"?'],
    [['offers', '--spot', 'maybe'], 'Allowed choices are allow, only, never.'],
    [['up'], 'Required option "--gpu <name[:count]>" not specified. Run "gpu-clouds up --help" for usage.'],
    [['logs'], 'Missing required argument "id". Run "gpu-clouds logs --help" for usage.'],
    [['batch', 'run'], 'Missing required argument "file".'],
    [['batch', 'run', 'x.yaml', '--window', '0'], 'It must be at least 1.'],
    [['batch', 'run', 'x.yaml', '--max-failures', 'few'], 'It must be a whole number.'],
    [['up', '--gpu', 'H100', '--max-cost', '0'], 'It must be a number above 0.'],
    [['up', '--gpu', 'H100', '--ttl', 'long'], 'It must be a number and s, m, h, or d, for example 90s, 30m, or 2h.'],
    [['up', '--gpu', 'H100', '--max-ttl', '0s'], 'It must be longer than 0.'],
    [['up', '--gpu', 'H100', '--ttl', '366d'], 'It must be at most 365d.'],
    [['up', '--gpu', 'H100', '--max-ttl', '366d'], 'It must be at most 365d.'],
    [['extend', 'mine', '99999999d'], 'It must be at most 365d.'],
    [['run', '--max-duration', '99999999d', '--dry-run', '--', 'true'], 'It must be at most 365d.'],
    [['wait', 'train', '--timeout', '25d'], 'It must be at most 24d.'],
    [['up', '--gpu', 'H100', '--name', 'A_b'], 'It must be up to 60 letters, digits, and hyphens, and start with a'],
    [['tokens', 'add', 'a b'], 'It must be up to 60 letters, digits, and hyphens, and start with a letter or digit.'],
    [['logs', '.'], 'It must be letters, digits, dots, hyphens, colons, and underscores, and start'],
    [['outputs', '..'], 'It must be letters, digits, dots, hyphens, colons, and underscores, and start'],
    [['show', '../../x'], 'It must be letters, digits, dots, hyphens, colons, and underscores, and start'],
    [
      ['up', '--gpu', 'H100', '--ttl', '48h', '--max-ttl', '24h'],
      '--ttl 48h is longer than --max-ttl 24h. Shorten --ttl, or raise --max-ttl.',
    ],
    [['reaper', 'start', '--every', 'often'], 'It must be a number and s, m, h, or d'],
    [['worker', '--health-port', '70000'], 'It must be a port number from 1 to 65535.'],
    [['ps', '--since', 'yesterday'], 'It must be a duration such as 30m, 2h, or 7d, or a date such as 2026-11-20.'],
    [['run', 'job.yaml', '--env', 'EPOCHS'], 'It must be NAME=VALUE.'],
    [['exec', 'mine'], 'Name a command behind "--", such as: gpu-clouds exec mine -- nvidia-smi'],
    [['cp', 'a', 'b'], 'Write one of the two paths as NAME:PATH'],
    [['run'], 'Name a job file, or a command behind "--".'],
    [['run', 'job.yaml', '--', 'true'], 'Name either the job file job.yaml or a command, not both.'],
    [['offers', '--memory', '80GB'], 'It must be a number above 0, without a unit.'],
    [['ps', '--state', 'runing'], 'Unknown state "runing". Did you mean "running"? The states are finding-offers, '],
    [['extend', 'mine', 'foo'], 'It must be a number and s, m, h, or d, for example 90s, 30m, or 2h.'],
    [['run', 'a.yaml', 'b.yaml'], 'One job file at a time: "b.yaml" is too much.'],
    [['run', '--id', 'Bad Id!', '--', 'true'], '"Bad Id!" cannot be a run\'s id. Use up to 60 letters'],
    [['run', '--id', 'Bad Id!', '--dry-run', '--', 'true'], '"Bad Id!" cannot be a run\'s id. Use up to 60 letters'],
    [['run', '--upload', 'none', '--', 'true'], 'none cannot be uploaded: there is no such file or folder.'],
    [['run', '--upload', 'none', '--dry-run', '--', 'true'], 'none cannot be uploaded: there is no such file'],
  ])('incorrect usage exits with 2 and says what to do, in one message: %j', async (argv, sentence) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(argv, terminal)).toBe(2);
    expect(terminal.notes).toEqual([expect.stringContaining(sentence)]);
    expect(terminal.notes[0]).toMatch(/^gpu-clouds: /);
    expect(terminal.outLines).toEqual([]);
  });

  test.each([['batch'], ['reaper']])('%s without a subcommand shows its help and exits with 2', async (name) => {
    const terminal = recordingTerminal(nowhere);
    expect(await main([name], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain(`Usage: gpu-clouds ${name}`);
  });

  test('offers without any credentials fails and names the missing variables', async () => {
    const terminal = recordingTerminal({});
    expect(await main(['offers'], terminal)).toBe(4);
    expect(terminal.notes).toEqual([
      expect.stringMatching(/^gpu-clouds: No cloud has credentials\. .*verda: VERDA_CLIENT_ID, VERDA_CLIENT_SECRET/),
    ]);
  });

  test('run fails when the job file does not exist', async () => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['run', join(folder, 'none.yaml')], terminal)).toBe(2);
    expect(terminal.notes).toEqual([
      expect.stringMatching(
        /^gpu-clouds: Cannot read the job file .*none\.yaml: there is no such file\. Run "gpu-clouds init" to write one\. A command goes behind "--"\.$/,
      ),
    ]);
  });

  test('run rejects a malformed job file and names the field and its allowed values', async () => {
    const file = join(folder, 'job.yaml');
    writeFileSync(file, 'name: x\ncommand: true\nresources: { spot: maybe }\n');
    const terminal = recordingTerminal(nowhere);
    expect(await main(['run', file], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain('resources.spot');
    expect(terminal.notes.join('\n')).toContain('never');
    expect(terminal.notes.join('\n')).not.toContain('    at ');
  });

  test('batch rejects an invalid batch or items file before it connects to a server', async () => {
    const file = join(folder, 'sweep.yaml');
    writeFileSync(file, 'job: { name: x, command: "true" }\n');
    const terminal = recordingTerminal(nowhere);
    expect(await main(['batch', 'run', file], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain('it needs either items or matrix');
    writeFileSync(file, 'name: x\ncommand: "true"\n');
    writeFileSync(join(folder, 'items.csv'), 'SEED\n1,2\n');
    expect(await main(['batch', 'run', file, '--items', join(folder, 'items.csv')], terminal)).toBe(2);
    expect(terminal.notes.join('\n')).toContain('line 2 has 2 values for 1 variable');
    expect(await main(['batch', 'run', file, '--items', join(folder, 'none.csv')], terminal)).toBe(2);
    expect(terminal.notes.at(-1)).toMatch(/Cannot read the items file .*none\.csv: there is no such file/);
  });

  test('up refuses to rent without the master secret, and exits with 4', async () => {
    const terminal = recordingTerminal(nowhere);
    expect(await main(['up', '--gpu', 'H100:8'], terminal)).toBe(4);
    expect(terminal.notes).toEqual([expect.stringContaining('Set GPU_CLOUDS_MASTER_SECRET to 32 random bytes')]);
  });

  test('an interrupt while offers are listed exits with 130 and reports no cloud errors', async () => {
    const env = { VERDA_CLIENT_ID: 'a', VERDA_CLIENT_SECRET: 'b', VERDA_BASE_URL: 'http://127.0.0.1:9' };
    const terminal = recordingTerminal(env, AbortSignal.abort());
    expect(await main(['offers', '--vendor', 'verda'], terminal)).toBe(130);
    expect(terminal.notes).toEqual([]);
  });

  test('ps fails with a hint when no Temporal server answers', async () => {
    const terminal = recordingTerminal(nowhere);
    const start = Date.now();
    expect(await main(['ps'], terminal)).toBe(6);
    // Temporal's own client would try for 5 s.
    expect(Date.now() - start).toBeLessThan(4000);
    expect(terminal.notes).toEqual([
      'gpu-clouds: No Temporal server answers at 127.0.0.1:1. Set TEMPORAL_ADDRESS to its host:port, or start a local server with "gpu-clouds dev".',
    ]);
  });

  test('without settings, a command in the folder of a local stack says how to use it', () => {
    const messageIn = (env: NodeJS.ProcessEnv) =>
      new TemporalUnreachableError('127.0.0.1:7233', recordingTerminal({ GPU_CLOUDS_HOME: folder, ...env }), {})
        .message;
    expect(messageIn({})).toMatch(/Set TEMPORAL_ADDRESS/);
    writeFileSync(join(folder, 'dev.env'), '');
    expect(messageIn({})).toBe(
      `No Temporal server answers at 127.0.0.1:7233. For the local stack of this folder: export GPU_CLOUDS_SETTINGS=${join(folder, 'dev.env')}`,
    );
    expect(messageIn(nowhere)).toMatch(/Set TEMPORAL_ADDRESS/);
  });

  test('worker fails without a master secret', async () => {
    const terminal = recordingTerminal({ GPU_AI_API_KEY: 'k' });
    expect(await main(['worker'], terminal)).toBe(4);
    expect(terminal.notes.at(-1)).toContain('Set GPU_CLOUDS_MASTER_SECRET');
  });

  test.each([
    ['that does not exist', undefined, /Cannot read the settings file .*: there is no such file\. Check --settings/],
    ['with a line that is no setting', 'A=1\n# comment\nB 2\n', /dev\.env:3 is not NAME=VALUE\./],
  ])('an --settings %s exits with 2 and says where', async (_what, text, message) => {
    const file = join(folder, 'dev.env');
    if (text !== undefined) writeFileSync(file, text);
    const terminal = recordingTerminal({});
    expect(await main(['--settings', file, 'offers'], terminal)).toBe(2);
    expect(terminal.notes).toEqual([expect.stringMatching(message)]);
  });
});

test('config shows where each setting comes from, and masks secrets', async () => {
  const file = join(folder, 'dev.env');
  writeFileSync(
    file,
    'export VERDA_CLIENT_SECRET="very\nsecret"\nTEMPORAL_ADDRESS=10.0.0.1:7233 # ours\nGPU_CLOUDS_FLEET=mine\n',
  );
  const terminal = recordingTerminal({ GPU_CLOUDS_FLEET: 'other' });
  expect(await main(['--settings', file, 'config', '--json'], terminal)).toBe(0);
  checkOutput(['config'], terminal.outLines);
  const settings: { name: string; value: string; from: string }[] = JSON.parse(terminal.outLines.join(''));
  expect(terminal.outLines.join('')).not.toContain('very');
  expect(settings).toContainEqual({ name: 'VERDA_CLIENT_SECRET', value: '(11 characters)', from: file });
  expect(settings).toContainEqual({ name: 'TEMPORAL_ADDRESS', value: '10.0.0.1:7233', from: file });
  expect(settings).toContainEqual({ name: 'GPU_CLOUDS_FLEET', value: 'other', from: 'environment' });
  expect(settings).toContainEqual({ name: 'TEMPORAL_NAMESPACE', value: 'default', from: 'default' });
});

test('config names a settings file below the working directory by its short path, in whole', async () => {
  const before = process.cwd();
  mkdirSync(join(folder, '.gpu-clouds'));
  writeFileSync(join(folder, '.gpu-clouds', 'dev.env'), `GPU_CLOUDS_RUNS=${folder}/a/folder/with/a/long/path\n`);
  const terminal = { ...recordingTerminal({}), columns: 80 };
  try {
    process.chdir(folder);
    expect(await main(['--settings', '.gpu-clouds/dev.env', 'config'], terminal)).toBe(0);
  } finally {
    process.chdir(before);
  }
  expect(terminal.outLines.join('\n')).toMatch(/^GPU_CLOUDS_RUNS .* {2}\.gpu-clouds\/dev\.env$/m);
});

test('doctor names each problem with its fix, and exits with 1', async () => {
  const settings = { GPU_CLOUDS_HOME: folder, GPU_CLOUDS_MASTER_SECRET: 'short', GPU_CLOUDS_FLEET: 'Bad Fleet' };
  const terminal = recordingTerminal({ ...nowhere, ...settings, PATH: process.env.PATH });
  expect(await main(['doctor', '--json'], terminal)).toBe(1);
  checkOutput(['doctor'], terminal.outLines);
  const checks: { name: string; state: string; fix?: string }[] = JSON.parse(terminal.outLines.join(''));
  const problems = checks.filter(({ state }) => state === 'problem');
  expect(problems.map(({ name }) => name)).toEqual([
    'gpu-ai',
    'massed-compute',
    'tensordock',
    'verda',
    'fleet',
    'temporal',
    'master secret',
  ]);
  expect(problems.every(({ fix }) => fix !== undefined)).toBe(true);
  expect(problems.find(({ name }) => name === 'temporal')).toMatchObject({
    message: 'No Temporal server answers at 127.0.0.1:1.',
    fix: expect.stringMatching(/^Set TEMPORAL_ADDRESS to its host:port, or start a local server/),
  });
});

test('a .env file is read only if it is named', async () => {
  const before = process.cwd();
  writeFileSync(join(folder, '.env'), 'GPU_CLOUDS_FLEET=theirs\n');
  const terminals = [recordingTerminal({}), recordingTerminal({ GPU_CLOUDS_SETTINGS: '.env' })];
  try {
    process.chdir(folder);
    for (const terminal of terminals) expect(await main(['config', '--json'], terminal)).toBe(0);
  } finally {
    process.chdir(before);
  }
  expect(terminals.map(({ outLines }) => outLines.join('').includes('theirs'))).toEqual([false, true]);
});

test('init writes a job file, a .env file that only its owner can read, and an ignore file, and keeps what exists', async () => {
  const before = process.cwd();
  const terminal = recordingTerminal({});
  try {
    process.chdir(folder);
    mkdirSync('.git');
    writeFileSync('.gpucloudsignore', 'mine\n');
    expect(await main(['init', '--yes', '--json'], terminal)).toBe(0);
    expect(await main(['run', 'job.yaml'], recordingTerminal(nowhere))).toBe(6);
  } finally {
    process.chdir(before);
  }
  checkOutput(['init'], terminal.outLines);
  expect(JSON.parse(terminal.outLines.join(''))).toEqual({
    written: ['job.yaml', '.env', '.gitignore'],
    kept: ['.gpucloudsignore'],
  });
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('.env\n.gpu-clouds/\n');
  expect(readFileSync(join(folder, '.gpucloudsignore'), 'utf8')).toBe('mine\n');
});

test('cost refuses a tag without the grouping by tags', async () => {
  const terminal = recordingTerminal(nowhere);
  expect(await main(['cost', '--tag', 'team'], terminal)).toBe(2);
  expect(terminal.notes).toEqual([
    'gpu-clouds: --tag needs "--by tag", not "--by vendor". Add it, or leave out --tag.',
  ]);
});

test('init says which file it cannot write, and what to do', async () => {
  const before = process.cwd();
  const terminal = recordingTerminal({});
  try {
    process.chdir(folder);
    mkdirSync('.git');
    mkdirSync('.gitignore');
    expect(await main(['init', '--yes'], terminal)).toBe(1);
  } finally {
    process.chdir(before);
  }
  expect(terminal.notes.at(-1)).toMatch(
    /^gpu-clouds: Cannot write .+\/\.gitignore: it is a folder\. Correct this, or run "gpu-clouds init" in another folder\.$/,
  );
});

test.each(['bash', 'zsh', 'fish'])('completion %s prints a script that asks the command itself', async (shell) => {
  const terminal = recordingTerminal({});
  expect(await main(['completion', shell], terminal)).toBe(0);
  expect(terminal.outLines.join('\n')).toContain('gpu-clouds __complete -- ');
});

test.each([
  [['sh'], ['show']],
  [['offers', '--sp'], ['--spot']],
  [
    ['offers', '--spot', ''],
    ['allow', 'only', 'never'],
  ],
  [
    ['reaper', 're'],
    ['resume', 'remove'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
])('completion of %j offers %j', async (words, expected) => {
  const terminal = recordingTerminal(nowhere);
  expect(await main(['__complete', '--', ...words], terminal)).toBe(0);
  expect(terminal.outLines).toEqual(expected);
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
  expect(await main(['upload', join(folder, 'none')], terminal)).toBe(2);
  expect(terminal.notes.at(-1)).toBe(
    `gpu-clouds: ${folder}/none cannot be uploaded: there is no such file or folder. Correct the path.`,
  );
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
  expect(await main(['outputs', 'other'], terminal)).toBe(3);
  expect(terminal.notes.at(-1)).toContain('The run store has no files of "other".');
});
