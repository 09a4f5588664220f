import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceJob } from '../../test/index.ts';
import { durationSeconds } from './duration.ts';
import { jobJsonSchemaText, notificationJsonSchemaText } from './json-schema.ts';
import { JobError, jobFrom, parseJob } from './parse-job.ts';

const minimal = 'name: train\ncommand: ./train.sh\n';
const deployed = 'name: train\nmode: job-deployment\ncontainer: { image: "me/job:1", port: 80, path: /job }\n';

function issuesOf(text: string): readonly string[] {
  try {
    parseJob(text, 'job.yaml');
  } catch (error) {
    if (error instanceof JobError) return error.issues;
    throw error;
  }
  return [];
}

describe('parseJob', () => {
  it('parseJob fills in defaults', () => {
    expect(parseJob(minimal, 'job.yaml')).toEqual({
      name: 'train',
      mode: 'instance',
      command: './train.sh',
      resources: { nodes: 1, spot: 'never' },
      env: {},
      secrets: [],
      files: { up: [], down: [] },
      retry: { onPreemption: 3 },
      limits: { maxDuration: '24h', maxStop: '2m', maxOutputs: 10, maxOutput: 1 },
    });
  });

  it('parseJob requires a key for signed notifications, and refuses one for Slack', () => {
    expect(parseJob(`${minimal}notify: [{ webhook: HOOK, signWith: KEY }]\n`, 'job.yaml').notify).toEqual([
      { webhook: 'HOOK', on: ['succeeded', 'failed'], format: 'json', signWith: 'KEY' },
    ]);
    expect(issuesOf(`${minimal}notify: [{ webhook: HOOK }]\n`)).toEqual([
      expect.stringContaining('notify[0].signWith: set it to the name of a variable of the worker'),
    ]);
    expect(issuesOf(`${minimal}notify: [{ webhook: HOOK, format: slack, signWith: KEY }]\n`)).toEqual([
      expect.stringContaining('notify[0].signWith: remove it, because Slack checks no signature'),
    ]);
    expect(issuesOf(`${minimal}notify: [{ webhook: "https://hooks.test", format: slack }]\n`)).toEqual([
      expect.stringContaining('use letters, digits, and underscores for a variable name'),
    ]);
  });

  it('parseJob reads JSON as well as YAML', () => {
    expect(parseJob('{"name": "train", "command": "true", "env": {"N": 3}}', 'job.json').env).toEqual({ N: '3' });
  });

  it('parseJob resolves uploads relative to the job file', () => {
    const job = instanceJob(`${minimal}files:\n  up: [{ from: data, to: data }]\n`, '/somewhere/jobs/job.yaml');
    expect(job.files).toEqual({
      folder: '/somewhere/jobs',
      up: [{ from: '/somewhere/jobs/data', to: 'data' }],
      down: [],
    });
  });

  it('parseJob accepts a job deployment without a command, with a tag or digest and a registry port', () => {
    expect(parseJob(deployed, 'job.yaml')).toEqual({
      name: 'train',
      mode: 'job-deployment',
      container: { image: 'me/job:1', port: 80, health: '/health', path: '/job' },
      resources: { nodes: 1, spot: 'never' },
      env: {},
      secrets: [],
      retry: {},
      limits: { maxDuration: '24h' },
    });
    for (const image of ['localhost:5000/me/job:1', `me/job@sha256:${'a'.repeat(64)}`]) {
      expect(parseJob(deployed.replace('me/job:1', image), 'job.yaml')).toMatchObject({ container: { image } });
    }
  });

  it.each(['ubuntu', 'localhost:5000/me/job', 'nvcr.io/nvidia/pytorch:25.10-py3', `me/job@sha256:${'a'.repeat(64)}`])(
    'parseJob accepts the image %s for the container of an instance',
    (image) => {
      const { container } = instanceJob(`${minimal}container: { image: "${image}", registryAuth: LOGIN }\n`);
      expect(container).toEqual({ image, registryAuth: 'LOGIN' });
    },
  );

  it.each([
    ['estimate-pi', 'estimate-pi'],
    ['job-deployment', 'batch-job'],
  ])('parseJob accepts the example %s of the repository', async (folder, name) => {
    const file = new URL(`../../../../examples/${folder}/job.yaml`, import.meta.url).pathname;
    expect(parseJob(await readFile(file, 'utf8'), file).name).toBe(name);
  });

  it.each([
    [`${minimal}mode: pod\n`, 'mode must be one of instance, job-deployment, not "pod"'],
    [
      `${minimal}container: { image: "me/job:1", port: 80, path: /job }`,
      'container.port: needs mode: job-deployment; set that, or remove it',
    ],
    [
      `${minimal}container: { image: "--privileged" }`,
      'container.image is "--privileged": write an image reference, such as nvcr.io/nvidia/pytorch:25.10-py3',
    ],
    [
      `${minimal}container: { image: "me/job", registryAuth: "me:password" }`,
      'container.registryAuth is "me:password": use letters, digits, and underscores for a variable name, and do not start with a digit',
    ],
    [`${minimal}container: {}`, 'container.image is missing; it must be a string'],
    [`${minimal}container: { tag: x }`, 'container has no field "tag"; allowed are image, registryAuth'],
    [
      `${deployed.replace('port', 'registryAuth: A, port')}`,
      'container.registryAuth: needs mode: instance; set that, or remove it',
    ],
    ['name: x\nmode: job-deployment\n', 'container is missing; it must be a mapping with image, port, path'],
    [`${deployed}tty: true\n`, 'tty: does not apply to mode: job-deployment; remove it'],
    [`${deployed}command: ls\n`, 'command: does not apply to mode: job-deployment; remove it'],
    [`${deployed}files: { up: [{ from: a, to: b }] }\n`, 'files: does not apply to mode: job-deployment; remove it'],
    [`${deployed}resources: { nodes: 2 }\n`, 'resources.nodes must be one of 1, not 2'],
    [
      `${deployed}limits: { maxSetup: 1m, budget: 3 }\n`,
      'limits.maxSetup: does not apply to mode: job-deployment; remove it',
    ],
    [
      `${deployed}limits: { maxSetup: 1m, budget: 3 }\n`,
      'limits has no field "budget"; allowed are maxDuration, maxCost, maxPricePerHour',
    ],
    [`${deployed}resources: { vendors: [gpu-ai] }\n`, 'resources.vendors[0] must be one of verda, not "gpu-ai"'],
    [
      'name: x\nmode: job-deployment\ncontainer: { image: "me/job:latest", port: 80, path: /job }\n',
      'container.image is "me/job:latest": add a tag or digest, such as ghcr.io/me/job:1.0; Verda refuses the tag latest',
    ],
    [
      'name: x\nmode: job-deployment\ncontainer: { image: "me/job:1", port: 80, path: job }\n',
      'container.path is "job": use a path that begins with /, for example /job?steps=10',
    ],
    ...['/../other/x', '/a/%2e%2E/x', '/..%2fother', '/..?x=1'].map((path) => [
      `name: x\nmode: job-deployment\ncontainer: { image: "me/job:1", port: 80, path: "${path}" }\n`,
      'container.path: use a path without . and ..',
    ]),
    ['name: train\n', 'command is missing; it must be a string (only mode: instance has it)'],
    [`${minimal}resources: { spot: sometimes }`, 'resources.spot must be one of allow, only, never, not "sometimes"'],
    [
      `${minimal}resources: { vendors: [aws] }`,
      'resources.vendors[0] must be one of gpu-ai, massed-compute, tensordock, verda, not "aws"',
    ],
    [
      `${minimal}resources: { gpu: H10O }`,
      'resources.gpu: Unknown GPU "H10O". Did you mean "H100"? Run "gpu-clouds offers" to list GPUs.',
    ],
    [
      `${minimal}resources: { gpu: [A100, H10O] }`,
      'resources.gpu[1]: Unknown GPU "H10O". Did you mean "H100"? Run "gpu-clouds offers" to list GPUs.',
    ],
    [
      `${minimal}resources: { gpu: 409 }`,
      'resources.gpu: Unknown GPU "409". Did you mean "RTX 4090"? Run "gpu-clouds offers" to list GPUs.',
    ],
    [
      `${minimal}resources: { gpu: A100 or H100 }`,
      'resources.gpu: "A100 or H100" names several GPUs: write a list, [A100, H100] in a job file and --gpu "A100,H100" on the command line.',
    ],
    [
      `${minimal}resources: { gpu: H100:0 }`,
      'resources.gpu: "H100:0" has no valid count: write a whole number from 1 to 64, such as "H100:8".',
    ],
    [`${minimal}resources: { gpu: { H100: 8 } }`, 'resources.gpu must be a name or a list of names, not {"H100":8}'],
    [
      `${minimal}resources: { gpu: H100:8, count: 1 }`,
      'resources.count: "H100:8" asks for 8 GPUs, not 1: leave out one of the two counts',
    ],
    [
      `${minimal}resources: { gpu: [A100, H100:8], count: 4 }`,
      'resources.count: "H100:8" asks for 8 GPUs, not 4: leave out one of the two counts',
    ],
    [
      `${deployed}resources: { gpu: H100:2, count: 4 }`,
      'resources.count: "H100:2" asks for 2 GPUs, not 4: leave out one of the two counts',
    ],
    [`${minimal}resources: { count: 0 }`, 'resources.count must be at least 1, not 0'],
    [`${minimal}resources: { nodes: 33 }`, 'resources.nodes must be at most 32, not 33'],
    [`${minimal}resources: { count: 1.5 }`, 'resources.count must be a whole number, not 1.5'],
    [
      `${minimal}limits: { maxDuration: soon }`,
      'limits.maxDuration is "soon": write a number and s, m, h, or d, for example 90s, 30m, or 2h',
    ],
    [`${minimal}checkpoint: { every: 1m }`, 'checkpoint.folder is missing; it must be a string'],
    [
      `${minimal}checkpoint: { folder: a, every: often }`,
      'checkpoint.every is "often": write a number and s, m, h, or d, for example 90s, 30m, or 2h',
    ],
    [`${minimal}checkpoint: { from: a }`, 'checkpoint has no field "from"; allowed are folder, every'],
    [`${minimal}retry: { onPreemption: -1 }`, 'retry.onPreemption must be at least 0, not -1'],
    [`${minimal}limits: { idleGpu: { for: 20m } }`, 'limits.idleGpu.then must be one of warn, stop, not nothing'],
    [
      `${minimal}limits: { idleGpu: { for: 20, then: stop, below: 0 } }`,
      'limits.idleGpu.below must be more than 0, not 0',
    ],
    [
      `${minimal}retry: { onFailures: 2 }`,
      'retry has no field "onFailures" (did you mean "onFailure"?); allowed are onNoOffer, onPreemption, onFailure',
    ],
    [`${minimal}retry: { onFailure: { exitCodes: [1] } }`, 'retry.onFailure.attempts is missing; it must be a number'],
    [`${minimal}retry: { onFailure: { attempts: 21 } }`, 'retry.onFailure.attempts must be at most 20, not 21'],
    [
      `${minimal}retry: { onFailure: { attempts: 1, exitCodes: [0] } }`,
      'retry.onFailure.exitCodes[0] must be at least 1, not 0',
    ],
    [
      `${minimal}limits: { maxSetup: never }`,
      'limits.maxSetup is "never": write a number and s, m, h, or d, for example 90s, 30m, or 2h',
    ],
    [`${minimal}limits: { maxStop: 0s }`, 'limits.maxStop: must be longer than 0'],
    [`${minimal}limits: { maxDuration: 366d }`, 'limits.maxDuration: must be at most 365d'],
    [`${minimal}retry: { onNoOffer: 99999999d }`, 'retry.onNoOffer: must be at most 365d'],
    [`${minimal}limits: { maxCost: 0 }`, 'limits.maxCost must be more than 0, not 0'],
    [
      `${minimal}limits: { budget: 3 }`,
      'limits has no field "budget"; allowed are maxDuration, maxCost, maxPricePerHour, maxSetup, maxStop, maxCommand, idleGpu, maxOutputs, maxOutput',
    ],
    [`${minimal}files: { folder: /, up: [] }`, 'files has no field "folder"; allowed are up, down'],
    [
      `${minimal}files: { up: [{ from: a, too: b }] }`,
      'files.up[0] has no field "too" (did you mean "to"?); allowed are from, input, sha256, to',
    ],
    [
      `${minimal}files: { up: [{ to: b }] }`,
      'files.up[0]: set either from, a file or folder beside the job file or a URL, or input, the ID of uploaded files',
    ],
    [
      `${minimal}files: { up: [{ input: abc, to: b }] }`,
      'files.up[0].input is "abc": use the ID that "gpu-clouds upload" prints',
    ],
    [
      `${minimal}files: { down: [{ from: a, to: ../b }] }`,
      "files.down[0].to: must stay inside the run's outputs folder, without a leading / and without ..",
    ],
    [
      `${minimal}env: { "A B": 1 }`,
      'env.A B: use letters, digits, and underscores for a variable name, and do not start with a digit',
    ],
    ['name: Train!\ncommand: x', 'name is "Train!": use up to 40 lowercase letters, digits, and hyphens'],
    ['- a\n- b', 'it must be a mapping with at least "name", and "command" or, with mode: job-deployment, "container"'],
  ])('parseJob names the invalid field and the allowed values: %j', (text, message) => {
    expect(issuesOf(text)).toContain(message);
  });
});

const conflict = (second: number, first: number) =>
  `files.down[${second}].to: conflicts with files.down[${first}]; give each entry a separate destination`;

it.each([
  ['have the same destination', '[{ from: a, to: x }, { from: b, to: x }]', conflict(1, 0)],
  [
    'have the same destination, spelled differently',
    '[{ from: a, to: x/y }, { from: c, to: z }, { from: b, to: ./x//y }]',
    conflict(2, 0),
  ],
  ['have the same name in one folder', '[{ from: a/log, to: x/ }, { from: b/log, to: x/ }]', conflict(1, 0)],
  ['are one inside the other', '[{ from: a, to: x/y }, { from: b, to: x }]', conflict(1, 0)],
  ['include the whole outputs folder', '[{ from: a, to: x }, { from: b, to: . }]', conflict(1, 0)],
])('parseJob refuses files.down entries that %s', (_what, down, message) => {
  expect(issuesOf(`${minimal}files: { down: ${down} }`)).toEqual([message]);
});

it('parseJob accepts files.down entries with separate destinations, also in one folder', () => {
  const down = '[{ from: a, to: x/ }, { from: b, to: x/ }, { from: c, to: xa }, { from: d, to: y/a }]';
  expect(issuesOf(`${minimal}files: { down: ${down} }`)).toEqual([]);
});

const many = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`)}]\n`;

it.each([
  ['an alias without its anchor', 'name: x\ncommand: *b\n', /^its aliases cannot be resolved: .*: b$/],
  [
    'far too many aliases',
    `a: &a [x]\n${many('b', 'a')}${many('c', 'b')}${many('d', 'c')}`,
    /^its aliases cannot be resolved: /,
  ],
  ['several documents', 'name: x\n---\nname: y\n', /^it has several documents, separated by "---"; keep one$/],
])('parseJob refuses a file with %s', (_what, text, message) => {
  expect(issuesOf(text)[0]).toMatch(message);
});

it('parseJob gives the line and column of a YAML syntax error', () => {
  expect(issuesOf('name: [')).toEqual([expect.stringMatching(/at line 1, column \d+$/)]);
});

describe('durationSeconds', () => {
  it('durationSeconds reads seconds, minutes, hours, and days', () => {
    expect(['90s', '30m', '1.5h', '1d'].map(durationSeconds)).toEqual([90, 1800, 5400, 86_400]);
  });
});

it('the default interval of checkpoints is ten minutes', () => {
  expect(instanceJob(`${minimal}checkpoint: { folder: state }`, 'job.yaml').checkpoint).toEqual({
    folder: 'state',
    every: '10m',
  });
});

it.each([
  ['job.schema.json', jobJsonSchemaText],
  ['notification.schema.json', notificationJsonSchemaText],
])('the committed %s matches the code (run pnpm generate:schema)', async (name, text) => {
  expect(await readFile(new URL(`../generated/${name}`, import.meta.url), 'utf8')).toBe(text());
});

it('every field of job.schema.json has a description, for editors', () => {
  const fields: string[] = [];
  // A reviver sees every object of the text.
  JSON.parse(jobJsonSchemaText(), (_key, value) => {
    for (const [name, field] of Object.entries<object>(value?.properties ?? {}))
      if (!('description' in field || 'const' in field)) fields.push(name);
    return value;
  });
  expect(fields).toEqual([]);
});

describe('files to upload', () => {
  let root: string;
  let file: string;
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'gpu-clouds-uploads-')));
    file = join(root, 'job/job.yaml');
    await mkdir(join(root, 'job/data'), { recursive: true });
    await writeFile(join(root, 'job/data/in.txt'), 'input');
    await writeFile(join(root, 'job/..data'), 'input');
    await writeFile(join(root, 'key'), 'a private key');
    await symlink(join(root, 'key'), join(root, 'job/link'));
    await symlink(root, join(root, 'job/data/up'));
    await symlink(join(root, 'job/data'), join(root, 'job/inside'));
    await symlink(join(root, 'job'), join(root, 'elsewhere'));
  });
  afterAll(() => rm(root, { recursive: true }));

  const parsed = (from: string, jobFile = file) =>
    instanceJob(`${minimal}files: { up: [{ from: ${JSON.stringify(from)}, to: a }] }\n`, jobFile).files;

  it.each([
    ['a parent folder', () => '../key'],
    ['a parent folder after a subfolder', () => 'data/../../key'],
    ['the parent folder itself', () => '..'],
    ['an absolute path', () => join(root, 'key')],
    ['a link', () => 'link'],
    ['a link to a folder above', () => 'data/up/key'],
    ['a missing file outside', () => '../missing'],
  ])('parseJob refuses uploads from outside the folder of the job file: %s', (_what, from) => {
    expect(() => parsed(from())).toThrow(
      /files\.up\[0\]\.from leads to \S+, outside \S+\/job: only files in the folder of the job file can be uploaded$/,
    );
  });

  it.each([
    ['data/in.txt', 'data/in.txt'],
    ['data/../data', 'data'],
    ['.', ''],
    ['..data', '..data'],
    ['inside/in.txt', 'inside/in.txt'],
    ['missing', 'missing'],
  ])('parseJob accepts uploads from inside the folder of the job file: %s', (from, path) => {
    expect(parsed(from)).toEqual({
      folder: join(root, 'job'),
      up: [{ from: join(root, 'job', path).replace(/\/$/, ''), to: 'a' }],
      down: [],
    });
  });

  it('parseJob accepts uploads of a job file whose folder is a link, also by their absolute path', () => {
    const linked = join(root, 'elsewhere/job.yaml');
    expect(parsed('data', linked)).toMatchObject({ folder: join(root, 'elsewhere') });
    expect(parsed(join(root, 'job/data'), linked)).toMatchObject({ up: [{ from: join(root, 'job/data') }] });
  });
});

it.each([
  ['3.10', '3.10'],
  ['007', '007'],
  ['12345678901234567890', '12345678901234567890'],
  ['1e-5', '1e-5'],
  ['true', 'true'],
  ['"quoted"', 'quoted'],
])('the environment variable %s keeps its text', (written, text) => {
  expect(parseJob(`${minimal}env: { A: ${written} }`, 'job.yaml').env).toEqual({ A: text });
});

it.each(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS'])(
  'the variable %s, which shells do not set, is refused',
  (name) => {
    expect(issuesOf(`${minimal}env: { ${name}: 1 }`)).toEqual([
      `env.${name}: is a read-only variable of the shell; choose another name`,
    ]);
  },
);

it('an environment variable without a value is refused with a message that says what is needed', () => {
  expect(issuesOf(`${minimal}env: { A: }`)).toEqual(['env.A must be text, a number, true, or false, not null']);
});

it('the message of an invalid job has the line and column of each issue, and a suggestion for a mistyped field', () => {
  const text = 'name: train\ncomand: ./train.sh\nlimits:\n  maxDuration: 2h\n  maxCost: -1\n';
  expect(() => parseJob(text, 'job.yaml')).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(
        /line 5, column 3: limits.maxCost must be more than 0, not -1[\s\S]*line 2, column 1: a job has no field "comand" \(did you mean "command"\?\);/,
      ),
    }),
  );
});

it('a job file may name its schema for editors', () => {
  expect(parseJob(`$schema: ./job.schema.json\n${minimal}`, 'job.yaml').name).toBe('train');
});

it.each(['.inf', '-.inf', '.nan', '1e400'])('%s in place of a number is refused as it is written', (written) => {
  expect(issuesOf(`${minimal}limits: { maxCost: ${written} }`)).toEqual([
    `limits.maxCost must be a number, not "${written}"`,
  ]);
});

it('a number that no field allows is refused once, by the limit of its field', () => {
  expect(issuesOf(`${minimal}resources: { count: 99999999999999999999 }`)).toEqual([
    'resources.count must be at most 64, not 100000000000000000000',
  ]);
  expect(issuesOf(`${minimal}resources: { count: -99999999999999999999 }`)).toEqual([
    'resources.count must be at least 1, not -100000000000000000000',
  ]);
});

it('an infinite number of a program that builds a job itself is named', () => {
  const source = { name: 'train', command: 'train', limits: { maxCost: Number.POSITIVE_INFINITY } };
  expect(() => jobFrom(source, 'job')).toThrow('limits.maxCost must be a number, not Infinity');
});
