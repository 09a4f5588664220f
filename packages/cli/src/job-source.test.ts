import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { jobOf } from './job-source.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-job-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const terminal = recordingTerminal({});

it('a command with options becomes a job', async () => {
  const job = await jobOf(
    { files: [], command: ['python', 'train.py', '--note', "it's"] },
    {
      gpu: ['A100-80GB:4', 'H100:4'],
      memory: 40,
      region: ['FIN'],
      vendor: ['verda'],
      spot: 'allow',
      maxPrice: 12,
      maxCost: 5,
      maxDuration: '2h',
      upload: ['src', 'package.json:data/p.json'],
      download: ['model.bin:out/model.bin'],
      setup: 'pip install torch',
      env: { EPOCHS: '3' },
      secret: ['HF_TOKEN'],
    },
    terminal,
  );
  expect(job).toMatchObject({
    name: 'train',
    command: "python train.py --note 'it'\\''s'",
    setup: 'pip install torch',
    env: { EPOCHS: '3' },
    secrets: ['HF_TOKEN'],
    resources: {
      gpu: ['A100-80GB:4', 'H100:4'],
      minGpuMemory: 40,
      regions: ['FIN'],
      vendors: ['verda'],
      spot: 'allow',
    },
    limits: { maxCost: 5, maxDuration: '2h', maxPricePerHour: 12 },
    files: {
      up: [
        { from: resolve('src'), to: 'src' },
        { from: resolve('package.json'), to: 'data/p.json' },
      ],
      down: [{ from: 'model.bin', to: 'out/model.bin' }],
    },
  });
});

it('--wait sets how long a run waits for an offer, of a command and of a job file, and the file keeps its other retries', async () => {
  const inline = await jobOf({ files: [], command: ['true'] }, { wait: '12h' }, terminal);
  expect(inline.retry).toMatchObject({ onNoOffer: '12h' });
  const file = join(folder, 'job.yaml');
  await writeFile(file, 'name: patient\ncommand: "true"\nretry: { onNoOffer: 1h, onPreemption: 7 }\n');
  expect((await jobOf({ files: [file], command: [] }, { wait: '12h' }, terminal)).retry).toMatchObject({
    onNoOffer: '12h',
    onPreemption: 7,
  });
  expect((await jobOf({ files: [file], command: [] }, {}, terminal)).retry.onNoOffer).toBe('1h');
});

it.each([
  [['python', 'train.py'], 'train', 'python train.py'],
  [['./Fine_Tune.sh', '-x'], 'fine-tune', './Fine_Tune.sh -x'],
  [['nvidia-smi'], 'nvidia-smi', 'nvidia-smi'],
  [['for i in 1 2; do echo $i; done'], 'run', 'for i in 1 2; do echo $i; done'],
  [['python', '-c', 'print(1)'], 'python', "python -c 'print(1)'"],
])('the command %j makes the job %s, and one argument is a script', async (command, name, script) => {
  expect(await jobOf({ files: [], command }, {}, terminal)).toMatchObject({ name, command: script });
});

it('options override the fields of a job file and add to its lists', async () => {
  const file = join(folder, 'job.yaml');
  await writeFile(join(folder, 'a'), '');
  await writeFile(
    file,
    'name: x\ncommand: "true"\nenv: { A: "1", B: "1" }\nresources: { gpu: H100, count: 8, storage: 200 }\nfiles: { up: [{ from: a, to: a }] }\nlimits: { maxCost: 1 }\n',
  );
  const job = await jobOf({ files: [file], command: [] }, { gpu: ['A100'], env: { B: '2' }, maxCost: 3 }, terminal);
  expect(job).toMatchObject({
    name: 'x',
    env: { A: '1', B: '2' },
    resources: { gpu: ['A100'], storage: 200, nodes: 1 },
    files: { up: [{ from: join(folder, 'a'), to: 'a' }] },
    limits: { maxCost: 3, maxDuration: '24h' },
  });
  expect(job.resources.count).toBeUndefined();
});

it('- reads the job from standard input', async () => {
  const stdin = async () => '{ "name": "x", "command": "echo a\\r\\n" }';
  expect(await jobOf({ files: ['-'], command: [] }, {}, { ...terminal, stdin })).toMatchObject({ name: 'x' });
  const broken = jobOf({ files: ['-'], command: [] }, {}, { ...terminal, stdin: async () => 'name: 1' });
  await expect(broken).rejects.toThrow('standard input is not a valid job');
});

it('a mistake in an option has no place in the job file', async () => {
  const file = join(folder, 'job.yaml');
  await writeFile(file, 'name: a\ncommand: x\n');
  const message = `${file} is not a valid job:\n  - env.UID: is a read-only variable of the shell; choose another name`;
  await expect(jobOf({ files: [file], command: [] }, { env: { UID: '3' } }, terminal)).rejects.toThrow(message);
  await expect(jobOf({ files: [], command: ['x'] }, { env: { UID: '3' } }, terminal)).rejects.toThrow(
    'command line is not a valid job:\n  - env.UID',
  );
});
