import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'node:util';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { type CallFault, createSimulators, type FaultRule, type Ledger } from '@gpu-clouds/simulators';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { createVerda } from '@gpu-clouds/verda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

interface Program {
  /** What the account has when it starts; nothing by default. */
  readonly before?: () => Promise<unknown>;
  /** What it prints. */
  readonly output: RegExp;
  readonly faults?: readonly FaultRule[] | undefined;
  /** How many instances it leaves behind on purpose. */
  readonly left?: number | undefined;
}

const verdaMachine = (hostname: string) =>
  createVerda().createInstance({
    body: {
      instance_type: '1A6000.10V',
      image: 'ubuntu-24.04-cuda-12.8-open',
      location_code: 'FIN-01',
      hostname,
      description: hostname,
    },
  });

const massedMachine = (instanceName: string) =>
  createMassedCompute().launchInstance({
    body: { instanceName, imageId: 16, productName: 'gpu_1x_a30', regionName: 'any' },
  });

async function tensorDockMachine(name: string): Promise<void> {
  const tensorDock = createTensorDock();
  const [hostnode = ''] = Object.keys((await tensorDock.listHostnodes({ query: { minVRAM: 80 } })).hostnodes);
  const size = { gpu_model: 'a100-sxm4-80gb', gpu_count: 1, vcpus: 4, ram: 16, storage: 50 };
  const operating_system = 'Ubuntu 22.04 LTS';
  await tensorDock.deployVirtualMachine({
    body: { name, hostnode, ...size, operating_system, password: 'A1b2C3d4e5' },
  });
}

const outOfCapacity = (vendor: FaultRule['vendor'], operation: CallFault['operation']): FaultRule => ({
  kind: 'out-of-capacity',
  vendor,
  operation,
});

/** Every program that a README shows and that can run to its end, with what the clouds do meanwhile. */
const programs: Record<string, Program> = {
  'first-call.ts': { output: /^\{ data: \[\], next_cursor: null \}\n$/ },
  'quick-start.ts': { output: /^$/ },
  'core/hooks.ts': { output: /getBalance/ },
  'clouds/rent.ts': { output: /runs on .+ for \$\d\.\d\d an hour/ },
  'simulators/start.ts': { output: /\[\]\n\{ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 \} 0/ },
  'verda/quick-start.ts': { output: /\d+ undefined/ },
  'verda/rent.ts': { output: /root@.+ for \$2\.29 an hour\ngiven back/ },
  'verda/out-of-capacity.ts': {
    output: /FIN-01: .*Not enough resources.+\n[0-9a-f-]{36}\n$/,
    faults: [outOfCapacity('verda', 'createInstance')],
    left: 1,
  },
  'verda/pages.ts': {
    before: () => createVerda().createScript({ body: { name: 'setup', script: 'true' } }),
    output: /^setup\n1\n1\n$/,
  },
  'verda/give-back.ts': {
    before: () => Promise.all(['train-1', 'train-2', 'other'].map(verdaMachine)),
    output: /^1 instances, 1 volumes are left\n$/,
    left: 1,
  },
  'verda/container.ts': { output: /http:\/\/127\.0\.0\.1:\d+\/echo/ },
  'verda/drift.ts': { output: /^\d+\n$/ },
  'gpu-ai/quick-start.ts': { output: /h100_sxm_80gb us-east 2\.15\n(.+\n)*0 undefined/ },
  'gpu-ai/rent.ts': { output: /ssh .+ for \$1\.99 an hour\ngiven back/ },
  'gpu-ai/idempotent-create.ts': {
    output: /no answer \(connection\), perhaps a machine\none machine: train\n$/,
    faults: [{ kind: 'lost-response', vendor: 'gpu-ai', operation: 'createInstance' }],
    left: 1,
  },
  'gpu-ai/out-of-capacity.ts': {
    output: /h100_sxm_80gb: .+\n[0-9a-f-]{36}\n$/,
    faults: [outOfCapacity('gpu-ai', 'createInstance')],
    left: 1,
  },
  'gpu-ai/pages.ts': { output: /a page of 5\n(.+\n)*10\n$/ },
  'gpu-ai/drift.ts': { output: /h100_sxm_80gb/ },
  'massed-compute/quick-start.ts': { output: /4 undefined/ },
  'massed-compute/rent.ts': { output: /ubuntu@.+ for \$2\.35 an hour\ngiven back/i },
  'massed-compute/stock.ts': { output: /1x RTX A6000 \[Spot\], 48 GiB, spot, \$0\.34: us-central-2/ },
  'massed-compute/out-of-capacity.ts': {
    output: /us-central-3: .+\n[0-9a-f-]{36}\n$/,
    faults: [outOfCapacity('massed-compute', 'launchInstance')],
    left: 1,
  },
  'massed-compute/give-back.ts': {
    before: () => Promise.all(['train-1', 'train-2', 'other'].map(massedMachine)),
    output: /nothing is left/,
    left: 1,
  },
  'massed-compute/log-safely.ts': {
    before: () => massedMachine('train'),
    output: /"password":"\[redacted\]"/i,
    left: 1,
  },
  'massed-compute/drift.ts': { output: /^\d+\n$/ },
  'tensordock/quick-start.ts': { output: /true undefined/ },
  'tensordock/rent.ts': { output: /ssh -p \d+ user@.+\ngiven back/ },
  'tensordock/lost-answer.ts': {
    output: /found [0-9a-f-]{36}/,
    faults: [{ kind: 'lost-response', vendor: 'tensordock', operation: 'deployVirtualMachine' }],
    left: 1,
  },
  'tensordock/failure-on-a-200.ts': { output: /TensorDock says: .+\n\d+ hosts/ },
  'tensordock/give-back.ts': {
    before: () => Promise.all(['train-1', 'other'].map(tensorDockMachine)),
    output: /nothing is left/,
    left: 1,
  },
  'tensordock/spot.ts': { output: /for \$0\.20 an hour: would do/ },
  'tensordock/drift.ts': { output: /^\d+\n$/ },
};

/** What a README shows of programs that need a Temporal server, files or a request: these are compiled alone. */
const compiledOnly = [
  'core/client.ts',
  'core/thing-api.ts',
  'gpu-ai/webhooks.ts',
  'openapi-overlay/apply.ts',
  'dev/stack.ts',
  ...['batch', 'codec', 'lease', 'reaper', 'schedule', 'start-job', 'store', 'upload'].map((name) => `jobs/${name}.ts`),
  ...['child-workflow', 'metrics', 'plugin', 'tracing', 'worker'].map((name) => `workflows/${name}.ts`),
];

const folder = join(import.meta.dirname, 'readme');

test('every file that READMEs quote is run here, is a test, or is known to be compiled only', async () => {
  const files = await Array.fromAsync(glob('**/*.ts', { cwd: folder }));
  const known = [...Object.keys(programs), ...compiledOnly];
  expect(files.filter((file) => !file.endsWith('.test.ts')).sort()).toEqual(known.sort());
});

const printed: string[] = [];

// Programs wait for the real clouds; here nothing takes long.
vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise((resolve) => setImmediate(resolve)) }));

beforeEach(() => {
  printed.length = 0;
  for (const method of ['log', 'info', 'debug', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => printed.push(`${format(...values)}\n`));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Runs a program of a README against clouds of its own. */
async function run(file: string, faults: readonly FaultRule[], before?: () => Promise<unknown>): Promise<Ledger> {
  const simulators = createSimulators({ bootSeconds: 0, ssh: false, faults });
  try {
    for (const { env } of Object.values(await simulators.listen())) {
      for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
    }
    await before?.();
    await import(join(folder, file));
  } catch (error) {
    console.log(String(error));
  } finally {
    await simulators.close();
  }
  return simulators.ledger();
}

test.each(Object.entries(programs))('%s does what the README says', async (file, program) => {
  const { before, output, faults = [], left = 0 } = program;
  const ledger = await run(file, faults, before);
  expect(printed.join('')).toMatch(output);
  expect(ledger.left).toMatchObject({ instances: left, keys: 0 });
});

test.each<[string, FaultRule]>([
  ['verda/rent.ts', { kind: 'lost-response', vendor: 'verda', operation: 'createInstance' }],
  ['verda/rent.ts', { kind: 'delete-fails', vendor: 'verda', count: 2 }],
  ['gpu-ai/rent.ts', { kind: 'lost-response', vendor: 'gpu-ai', operation: 'createInstance' }],
  ['gpu-ai/rent.ts', { kind: 'delete-fails', vendor: 'gpu-ai', count: 2 }],
  ['massed-compute/rent.ts', { kind: 'lost-response', vendor: 'massed-compute', operation: 'launchInstance' }],
  ['tensordock/rent.ts', { kind: 'lost-response', vendor: 'tensordock', operation: 'deployVirtualMachine' }],
])('%s gives its machine back whatever happens: %o', async (file, fault) => {
  const ledger = await run(`${file}?${fault.kind}`, [fault]);
  expect(ledger.instances).not.toEqual([]);
  expect(ledger.left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  expect(printed.join('')).toContain('given back');
});
