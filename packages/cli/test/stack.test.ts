import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createClouds, formatInstanceName, ownerIdOf, rankOffers } from '@gpu-clouds/clouds';
import { freePorts } from '@gpu-clouds/dev';
import { instanceNames } from '@gpu-clouds/jobs/contract';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { commandOf, leafCommands } from './leaf-commands.ts';
import { checkOutput, outputForms } from './output-schemas.ts';
import { type Recording, recordingTerminal } from './recording-terminal.ts';

const program = join(import.meta.dirname, '../src/bin.ts');
let folder: string;
/** What `gpu-clouds dev --json` says of the stack that it runs. */
let stack: {
  readonly env: Readonly<Record<string, string>>;
  readonly simulators: Readonly<Record<string, string>>;
  readonly dashboardUrl: string;
  readonly settingsFile: string;
};
let dev: Promise<number>;
const stopDev = new AbortController();
/** The commands that have exited with 0. */
const succeeded = new Set<string | undefined>();
/** The forms of JSON that have been printed, which fit the published schema. */
const printedForms = new Set<string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-stack-'));
  const secrets = { GPU_CLOUDS_JOB_SECRETS: 'STACK_TOKEN', STACK_TOKEN: 'a-token-of-the-stack' };
  const terminal = recordingTerminal(
    { ...process.env, ...secrets, GPU_CLOUDS_HOME: join(folder, 'home') },
    stopDev.signal,
  );
  const line = await new Promise<string>((resolve, reject) => {
    dev = main(['dev', '--json', '--no-ui'], { ...terminal, out: resolve });
    dev.then(() => reject(new Error(`dev ended before it was ready: ${terminal.notes.join('\n')}`)));
  });
  recordOutput(['dev', '--json'], [line]);
  stack = JSON.parse(line);
}, 180_000);
afterAll(async () => {
  stopDev.abort();
  expect(await dev).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command with the environment of the stack. */
async function gpuClouds(...argv: string[]): Promise<Recording & { readonly exitCode: number }> {
  return gpuCloudsWith({}, ...argv);
}

/** Runs a command with the environment of the stack and additional variables. */
async function gpuCloudsWith(
  env: Readonly<Record<string, string | undefined>>,
  ...argv: string[]
): Promise<Recording & { readonly exitCode: number }> {
  const terminal = recordingTerminal({ ...process.env, ...stack.env, ...env });
  const exitCode = await main(argv, terminal);
  if (argv.includes('--json')) recordOutput(argv, terminal.outLines);
  if (exitCode === 0) succeeded.add(commandOf(argv));
  return { ...terminal, exitCode };
}

/** Checks JSON against the published schema, and notes which forms were printed. */
function recordOutput(argv: readonly string[], lines: readonly string[]): void {
  for (const form of checkOutput(argv, lines)) printedForms.add(form);
}

function jobFile(name: string, command: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ name, command, files: { down: [{ from: 'made.txt', to: 'made.txt' }] } }));
  return file;
}

/** Adds a fault to the simulated clouds, and returns a function that removes all faults. */
async function addFault(rule: Readonly<Record<string, unknown>>): Promise<() => Promise<unknown>> {
  const url = new URL('/_simulator/faults', Object.values(stack.simulators)[0]);
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(rule) })).status).toBe(201);
  return () => fetch(url, { method: 'DELETE' });
}

async function instancesLeft(): Promise<number> {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const lists = await Promise.all(
    [...clouds.values()].flatMap<Promise<readonly unknown[]>>((cloud) => [
      cloud.listInstances(),
      cloud.jobs?.list() ?? Promise.resolve([]),
    ]),
  );
  return lists.flat().length;
}

test('offers lists the offers of all four clouds, cheapest first', async () => {
  const { outLines, exitCode } = await gpuClouds('offers', '--json');
  const offers: { vendor: string; pricePerHour: number }[] = JSON.parse(outLines.join(''));
  expect(exitCode).toBe(0);
  expect(new Set(offers.map(({ vendor }) => vendor)).size).toBe(4);
  expect(offers.map(({ pricePerHour }) => pricePerHour)).toEqual(
    offers.map(({ pricePerHour }) => pricePerHour).sort((a, b) => a - b),
  );
});

test('offers names a cloud that refuses its key, and one that does not answer within 5 s, and lists the others', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = { GPU_AI_API_KEY: 'wrong', VERDA_BASE_URL: `http://127.0.0.1:${port}` };
  const start = Date.now();
  const { exitCode, notes, outLines } = await gpuCloudsWith(env, 'offers', '--json');
  expect(Date.now() - start).toBeLessThan(15_000);
  silent.close();
  const offers: { vendor: string }[] = JSON.parse(outLines.join(''));
  expect([exitCode, new Set(offers.map(({ vendor }) => vendor))]).toEqual([
    0,
    new Set(['massed-compute', 'tensordock']),
  ]);
  expect(notes).toContain('gpu-clouds: verda did not answer within 5 s and is left out.');
  expect(notes.join('\n')).toMatch(/^gpu-clouds: gpu-ai listInstances .* was refused with 401: /m);
  const refused = await gpuCloudsWith({ GPU_AI_API_KEY: 'wrong' }, 'offers', '--vendor', 'gpu-ai');
  expect(refused.exitCode).toBe(4);
});

test('offers without a match exits with 5 and says what there is without the filter', async () => {
  const { exitCode, notes, outLines } = await gpuClouds('offers', '--gpu', 'H100', '--region', 'EU', '--json');
  expect([exitCode, outLines, notes]).toEqual([
    5,
    ['[]'],
    [expect.stringMatching(/^gpu-clouds: No offer matches\. Without --region, there are offers in .*FIN-01/)],
  ]);
});

test('ps reads without loading the client of Temporal, which takes longer than the rest', async () => {
  const printsModules = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => (console.error('loaded ' + url), next(url, context)) });`;
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(printsModules)}`, program, 'ps', '--all'],
    { env: { ...process.env, ...stack.env } },
  );
  expect(stderr).toContain('loaded file:');
  expect(stderr).not.toMatch(/^loaded .*(@temporalio\/(client|proto)|@grpc)\//m);
});

test('run --dry-run shows candidates, price, and cap, and starts nothing', async () => {
  const args = ['run', '--gpu', 'L40S', '--max-duration', '2h', '--dry-run'];
  const { exitCode, notes } = await gpuClouds(...args, '--', 'true');
  expect([exitCode, notes.at(-1)]).toEqual([
    0,
    expect.stringMatching(/^\$\d\.\d\d\/hour, at most \$\d\.\d\d, at most 2h$/),
  ]);
  const { outLines } = await gpuClouds(...args, '--json', '--', 'true');
  const { candidates, cap, pricePerHour } = JSON.parse(outLines.join(''));
  expect([candidates[0].pricePerHour, cap >= 2 * pricePerHour]).toEqual([pricePerHour, true]);
  expect((await gpuClouds('ps', '--all')).notes).toEqual(['No run matches.']);
});

test('an inline run with an upload and a download is found by its tag, shown with its timeline, and waited for', async () => {
  const before = process.cwd();
  mkdirSync(join(folder, 'inline'));
  try {
    process.chdir(join(folder, 'inline'));
    writeFileSync('input.txt', 'from here');
    const command = 'cp input.txt "$OUT"; printf "1\\n2\\n3\\n"; exit 4';
    const started = await gpuClouds(
      ...[
        'run',
        '--gpu',
        'L40S',
        '--id',
        'inline',
        '--tag',
        'team=vision',
        '--env',
        'OUT=output.txt',
        '--max-cost',
        '1',
      ],
      ...['--upload', '.', '--download', 'output.txt', '--detach', '--json', '--', command],
    );
    expect(started.outLines).toEqual(['{"id":"inline"}']);
    expect((await gpuClouds('wait', 'inline', '--timeout', '0.1s')).exitCode).toBe(7);
    expect((await gpuClouds('wait', 'inline', '--json')).exitCode).toBe(4);
    expect((await gpuClouds('outputs', 'inline', '--to', '.')).exitCode).toBe(0);
    expect(readFileSync('output.txt', 'utf8')).toBe('from here');
  } finally {
    process.chdir(before);
  }
  expect((await gpuClouds('logs', 'inline', '--tail', '2')).rawText()).toBe('2\n3\n');
  expect((await gpuClouds('logs', 'inline', '--since', '1h', '--tail', '1')).rawText()).toBe('3\n');
  expect((await gpuClouds('logs', 'inline', '--since', '2020-01-01')).rawText()).toBe('1\n2\n3\n');
  const future = await gpuClouds('logs', 'inline', '--since', '2100-01-01');
  expect([future.exitCode, future.rawText(), future.notes]).toEqual([0, '', []]);
  expect((await gpuClouds('logs', 'inline', '--node', '1')).exitCode).toBe(2);
  await expect
    .poll(async () => (await gpuClouds('ps', '--tag', 'team=vision', '--since', '1h', '--json')).outLines.join(), {
      timeout: 60_000,
    })
    .toContain('"tags":{"team":"vision"}');
  // With tracing, Temporal's client reads.
  const traced = await gpuCloudsWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, 'ps', '--all', '--json');
  expect(JSON.parse((await gpuClouds('ps', '--all', '--json')).outLines.join())).toEqual(
    JSON.parse(traced.outLines.join()),
  );
  expect((await gpuClouds('ps', '--state', 'failed')).outLines.join('\n')).toMatch(
    /^inline +failed .* 4 .*team=vision$/m,
  );
  expect((await gpuClouds('ps', '--state', 'succeeded', '--tag', 'team=vision')).outLines).toEqual([]);
  const shown = (await gpuClouds('show', 'inline')).outLines.join('\n');
  expect(shown).toMatch(
    /^inline {2}failed, exit code 4\ntime .* of at most 24h\ncost {2}\$\d\.\d+ of at most \$1\.00\n/,
  );
  expect(shown).toMatch(
    /Timeline\n.*\n.*started\n.*looking for offers\n.*creating 1x L40S at .*\n(.*\n)*.*is gone\n.*failed\n/,
  );
  expect(shown).toMatch(/Cost by phase\nPHASE +FOR +COST\nlooking for offers .*\n(.*\n)*destroying .*\n/);
  expect((await gpuClouds('show', 'inline', '--json')).exitCode).toBe(0);
  const cost = await gpuClouds('cost', '--by', 'tag', '--tag', 'team', '--json');
  expect(JSON.parse(cost.outLines.join('')).groups).toContainEqual({
    name: 'vision',
    runs: 1,
    dollars: expect.any(Number),
  });
  for (const way of ['stop', 'cancel'])
    expect(await gpuClouds(way, 'inline')).toMatchObject({ exitCode: 0, notes: ['inline had already ended: failed.'] });
  expect((await gpuClouds('stop', 'unheard-of')).exitCode).toBe(3);
}, 120_000);

test('show names the failed offer and why the run went on elsewhere', async () => {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const offers = (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
  const [cheapest] = rankOffers(offers, { gpu: 'L40S', gpuCount: 1, spot: 'never' });
  const remove = await addFault({ kind: 'out-of-capacity', vendor: cheapest?.vendor, probability: 1 });
  expect((await gpuClouds('run', '--gpu', 'L40S', '--id', 'failover', '--', 'true')).exitCode).toBe(0);
  await remove();
  const shown = (await gpuClouds('show', 'failover')).outLines.join('\n');
  expect(shown).toMatch(new RegExp(`failover from ${cheapest?.vendor}: no-capacity: `));
  // Without maxCost, maxDuration and the price limit the cost.
  expect(shown).toMatch(/^cost {2}\$\d\.\d+ of at most \$\d+\.\d\d$/m);
});

test('dashboard serves the stack at the address that it prints, until it is interrupted', async () => {
  const stop = new AbortController();
  const terminal = { ...recordingTerminal({ ...process.env, ...stack.env }), signal: stop.signal };
  const ended = main(['dashboard', '--json'], terminal);
  await expect.poll(() => terminal.outLines.length, { timeout: 30_000 }).toBe(1);
  recordOutput(['dashboard'], terminal.outLines);
  const { url, dashboardUrl } = JSON.parse(terminal.outLines.join(''));
  const headers = { authorization: `Bearer ${new URL(dashboardUrl).hash.replace('#token=', '')}` };
  const offers = await fetch(`${url}/api/offers?gpu=L40S`, { headers });
  expect(JSON.parse(await offers.text()).matching).toBeGreaterThan(0);
  expect((await fetch(`${url}/api/offers`)).status).toBe(401);
  stop.abort();
  expect(await ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('worker --json prints one line on standard output, from its start to its end', async () => {
  const [health, metrics] = await freePorts(2);
  const args = ['worker', '--json', '--no-reaper', '--health-port', `${health}`, '--metrics-port', `${metrics}`];
  const env = { ...process.env, ...stack.env, GPU_CLOUDS_FLEET: 'spare' };
  const child = spawn(process.execPath, [program, ...args], { env });
  const output = text(child.stdout);
  const ended = once(child, 'exit');
  const answer = () => fetch(`http://127.0.0.1:${health}/health`).then(({ status }) => status, String);
  await expect.poll(answer).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const lines = (await output).split('\n').slice(0, -1);
  recordOutput(args, lines);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ready: true,
      pid: child.pid,
      fleet: 'spare',
      clouds: expect.arrayContaining(['gpu-ai', 'verda']),
      healthUrl: `http://127.0.0.1:${health}/health`,
      metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    },
  ]);
});

test('init writes a job file that runs on the stack', async () => {
  const before = process.cwd();
  mkdirSync(join(folder, 'project'));
  try {
    process.chdir(join(folder, 'project'));
    expect((await gpuClouds('init', '--yes', '--json')).exitCode).toBe(0);
    const ran = await gpuClouds('run', 'job.yaml', '--json');
    expect([ran.exitCode, ran.notes.join('\n')]).toEqual([0, expect.stringContaining('NVIDIA')]);
  } finally {
    process.chdir(before);
  }
});

test('dev serves the dashboard of its stack, and writes settings with which commands in other folders use it', async () => {
  const page = await fetch(stack.dashboardUrl);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="app"></div>')]);
  const { origin, hash } = new URL(stack.dashboardUrl);
  const script = await fetch(`${origin}/dashboard.js`);
  expect([script.status, script.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')]);
  const headers = { authorization: `Bearer ${hash.replace('#token=', '')}` };
  const access = await fetch(`${origin}/api/access`, { headers });
  expect(await access.json()).toMatchObject({ fleet: 'dev', scope: 'admin' });
  const terminal = recordingTerminal({ PATH: process.env.PATH });
  expect(await main(['--settings', stack.settingsFile, 'offers', '--json'], terminal)).toBe(0);
  expect(JSON.parse(terminal.outLines.join(''))).not.toEqual([]);
});

test('upload stores a folder that jobs can name, and prints its ID', async () => {
  mkdirSync(join(folder, 'uploaded'));
  writeFileSync(join(folder, 'uploaded', 'input.txt'), 'from here');
  const { outLines, exitCode } = await gpuClouds('upload', join(folder, 'uploaded'), '--json');
  const { id } = JSON.parse(outLines.join(''));
  const file = join(folder, 'reads.yaml');
  const files = { up: [{ input: id, to: 'data' }] };
  writeFileSync(file, JSON.stringify({ name: 'reads', command: 'cat data/input.txt', files }));
  expect([exitCode, (await gpuClouds('run', file)).rawText()]).toEqual([0, 'from here']);
});

test('budget is set, shown, and removed, config masks secrets, and completion is a script', async () => {
  expect((await gpuClouds('budget', 'set', '1000/day', '--json')).exitCode).toBe(0);
  const { outLines } = await gpuClouds('budget', 'show', '--json');
  expect(outLines.join('')).toContain('"limit":{"dollars":1000,"per":"day"}');
  expect((await gpuClouds('cost')).outLines.join('\n')).toMatch(/^Budget of \$1000\.00 per day: .* left$/m);
  expect((await gpuClouds('budget', 'off', '--json')).exitCode).toBe(0);
  const settings: { name: string; value: string }[] = JSON.parse(
    (await gpuClouds('config', '--json')).outLines.join(''),
  );
  const secret = settings.find(({ name }) => name === 'GPU_CLOUDS_MASTER_SECRET')?.value;
  expect([secret === undefined, secret === stack.env.GPU_CLOUDS_MASTER_SECRET]).toEqual([false, false]);
  const { outLines: script } = await gpuClouds('completion', 'bash');
  const file = join(folder, 'completion.bash');
  writeFileSync(file, script.join('\n'));
  expect((await promisify(execFile)('bash', ['-n', file])).stderr).toBe('');
});

test('tokens are added, listed without their secret, and removed', async () => {
  const added = await gpuClouds('tokens', 'add', 'ada', '--scope', 'run', '--json');
  expect(JSON.parse(added.outLines.join('')).token).toMatch(/^gpuc_[\w-]{43}$/);
  expect(added.notes.join(' ')).toContain('owner=ada');
  expect((await gpuClouds('tokens', 'add', 'ada')).exitCode).toBe(2);
  expect(JSON.parse((await gpuClouds('tokens', 'list', '--json')).outLines.join(''))).toMatchObject([
    { name: 'ada', scope: 'run' },
  ]);
  expect((await gpuClouds('tokens', 'remove', 'ada', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('tokens', 'remove', 'ada')).exitCode).toBe(3);
});

test('doctor finds no problem with the stack, and cost lists what the clouds say', async () => {
  const { exitCode, outLines } = await gpuClouds('doctor', '--json');
  const checks: { name: string; state: string }[] = JSON.parse(outLines.join(''));
  expect([exitCode, checks.filter(({ state }) => state === 'problem')]).toEqual([0, []]);
  expect(checks).toContainEqual({ name: 'clock', state: 'ok', message: expect.stringContaining('within 1 s of') });
  const accounts = async () => JSON.parse((await gpuClouds('cost', '--json')).outLines.join('')).accounts;
  const compared = { spent: expect.any(Number), since: expect.any(String), difference: expect.any(Number) };
  // The first call keeps the balances.
  await accounts();
  const said = await accounts();
  expect(said).toMatchObject([
    { vendor: 'gpu-ai', ...compared },
    { vendor: 'massed-compute', message: 'The vendor reports neither a balance nor usage.' },
    { vendor: 'tensordock', balance: expect.any(Number), ...compared },
    { vendor: 'verda', balance: expect.any(Number), ...compared },
  ]);
  // The difference is positive where the cloud counted more.
  const withSpent: { spent: number; counted: number; difference: number }[] = said.filter(
    ({ difference }: { difference?: number }) => difference !== undefined,
  );
  expect(withSpent.some(({ spent, counted }) => spent !== counted)).toBe(true);
  for (const { spent, counted, difference } of withSpent) expect(difference).toBeCloseTo(spent - counted, 6);
});

/** Tells the owner of an instance that its account lost all instances at once, as a teardown does. */
async function raiseAccountAlarm(instanceName: string): Promise<void> {
  const connection = await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS ?? '' });
  const namespace = stack.env.TEMPORAL_NAMESPACE ?? 'default';
  const owner = new Client({ connection, namespace }).workflow.getHandle(ownerIdOf(instanceName));
  await owner.signal(instanceNames.accountSuspect, true);
  await connection.close();
}

/** Raises the alarm of the account of a run's instance while `check` reads it. */
async function withSuspectAccount(id: string, check: (instanceName: string) => Promise<void>): Promise<void> {
  const file = join(folder, `${id}.yaml`);
  writeFileSync(file, JSON.stringify({ name: id, command: 'sleep 600' }));
  const running = gpuClouds('run', file, '--id', id);
  await expect.poll(async () => (await gpuClouds('ps')).outLines.join()).toMatch(new RegExp(`${id} +running`));
  const shown = JSON.parse((await gpuClouds('show', id, '--json')).outLines.join(''));
  const { instanceName } = shown.run.instances[0];
  await raiseAccountAlarm(instanceName);
  await check(instanceName);
  await gpuClouds('stop', id);
  await running;
}

test('show says that all instances of an account vanished at once, since when, and what to check', async () => {
  await withSuspectAccount('suspect-show', async () => {
    const text = async () => (await gpuClouds('show', 'suspect-show')).outLines.join('\n');
    await expect
      .poll(text)
      .toMatch(
        /^All instances of \S+ vanished at once at \d{4}-\S+Z\. Check that the workers' credentials belong to this account\.$/m,
      );
    const { run } = JSON.parse((await gpuClouds('show', 'suspect-show', '--json')).outLines.join(''));
    expect(Date.parse(run.instances[0].accountSuspectSince)).toBeLessThanOrEqual(Date.now());
  });
  // The instance is gone, so nothing has to be checked any more.
  expect((await gpuClouds('show', 'suspect-show')).outLines.join('\n')).not.toContain('vanished at once');
});

test('show and ls say that the account of a lease lost all instances at once, until the lease has ended', async () => {
  const rented = await gpuClouds('up', '--gpu', 'L40S', '--name', 'suspect-lease', '--json');
  await raiseAccountAlarm(JSON.parse(rented.outLines.join('')).id);
  const sentence = /All instances of \S+ vanished at once at \d{4}-\S+Z\. Check that the workers' credentials/;
  const shown = async () => (await gpuClouds('show', 'suspect-lease')).outLines.join('\n');
  await expect.poll(shown).toMatch(sentence);
  expect((await gpuClouds('ls')).notes.join('\n')).toMatch(sentence);
  expect((await gpuClouds('down', 'suspect-lease')).exitCode).toBe(0);
  expect(await shown()).not.toMatch(sentence);
  expect((await gpuClouds('ls', '--all')).notes.join('\n')).not.toMatch(sentence);
});

test('doctor names the owner of an instance whose account lost all instances at once, and exits with 1', async () => {
  await withSuspectAccount('suspect-doctor', async (instanceName) => {
    const alarms = async () => {
      const { exitCode, outLines } = await gpuClouds('doctor', '--json');
      const checks: { name: string }[] = JSON.parse(outLines.join(''));
      return { exitCode, alarms: checks.filter(({ name }) => name === 'alarm') };
    };
    // Temporal's list lags behind.
    await expect.poll(alarms).toEqual({
      exitCode: 1,
      alarms: [
        {
          name: 'alarm',
          state: 'problem',
          message: `${ownerIdOf(instanceName)}: all instances of the account vanished from its lists at once`,
          fix: "Check that the workers' credentials belong to the account that the instance is in.",
        },
      ],
    });
  });
});

test('completion offers the names of runs and leases', async () => {
  expect((await gpuClouds('__complete', '--', 'logs', 'inl')).outLines).toEqual(['inline']);
});

test('logs shows the latest attempt of a command, or the one that is asked for, and show lists all', async () => {
  const file = join(folder, 'again.yaml');
  const command = 'echo start >> starts; n=$(wc -l < starts); echo "start $n"; [ $n -ge 3 ]';
  writeFileSync(file, JSON.stringify({ name: 'again', command, retry: { onFailure: { attempts: 2 } } }));
  const shown = await gpuClouds('run', file, '--id', 'again');
  expect(shown).toMatchObject({ exitCode: 0 });
  expect(shown.rawText()).toBe('start 1\nstart 2\nstart 3\n');
  expect((await gpuClouds('logs', 'again')).rawText()).toBe('start 3\n');
  expect((await gpuClouds('logs', 'again', '--attempt', '1')).rawText()).toBe('start 1\n');
  expect((await gpuClouds('logs', 'again', '--attempt', '2', '--follow')).rawText()).toBe('start 2\n');
  expect((await gpuClouds('logs', 'again', '--attempt', '4')).exitCode).toBe(2);
  expect((await gpuClouds('logs', 'again', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('show', 'again', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('show', 'again')).outLines.join('\n')).toMatch(
    /Attempts\nATTEMPT +AT +FOR +EXIT CODE\n +1 .* 1\n +2 .* 1\n +3 .* 0\n/,
  );
});

test('run shows the output, collects the files, and exits with the exit code of the command', async () => {
  const shown = await gpuClouds('run', jobFile('three', 'echo hello; echo made > made.txt; exit 3'), '--id', 'three');
  expect(shown.exitCode).toBe(3);
  expect(shown.rawText()).toBe('hello\n');
  // Phases that pass between two polls are not shown.
  expect(shown.notes.join('\n')).toMatch(/creating 1x .+\n(.*\n)*.*failed, exit code 3/);
  expect(readFileSync(join(folder, 'home', 'runs', 'three', 'outputs', 'made.txt'), 'utf8')).toBe('made\n');
  expect(shown.notes.at(-1)).toBe('1 file came back. Copy it here: gpu-clouds outputs three --to .');

  expect((await gpuClouds('logs', 'three')).rawText()).toBe('hello\n');
  expect((await gpuClouds('ps', '--all')).outLines.join('\n')).toMatch(/^three +failed .* 3 .* ago$/m);
  expect(await instancesLeft()).toBe(0);
});

test('a job gets the secrets listed in GPU_CLOUDS_JOB_SECRETS, and fails if it requests any other', async () => {
  const file = join(folder, 'secret.yaml');
  const asking = (...secrets: string[]) =>
    writeFileSync(
      file,
      JSON.stringify({ name: 'secret', command: 'test "$STACK_TOKEN" = a-token-of-the-stack', secrets }),
    );
  asking('STACK_TOKEN');
  expect((await gpuClouds('run', file)).exitCode).toBe(0);
  asking('STACK_TOKEN', 'VERDA_CLIENT_SECRET', 'HOME');
  const { exitCode, notes } = await gpuClouds('run', file);
  expect([exitCode, notes.at(-1)]).toEqual([
    1,
    expect.stringContaining(
      "gpu-clouds: The job's secrets: VERDA_CLIENT_SECRET is never given to jobs: use another name, and set it from that one in the command. HOME is not given to jobs: add it to GPU_CLOUDS_JOB_SECRETS in the worker's environment.",
    ),
  ]);
});

test('the example job file runs as a job deployment of Verda, and run shows it like any other job', async () => {
  const file = join(import.meta.dirname, '../../../examples/job-deployment/job.yaml');
  const shown = await gpuClouds('run', file, '--id', 'answered');
  expect(shown.exitCode).toBe(0);
  expect(JSON.parse(shown.rawText())).toMatchObject({ success: true, executionTime: 2 });
  const notes = shown.notes.join('\n');
  expect(notes).toMatch(/creating 1x H100 SXM at verda \(serverless\), \$\d+\.\d\d\/hour\n(.*\n)*.*running\n/);
  expect(notes).toMatch(/succeeded in \S+ for \$\S+ on 1x H100 SXM at verda\n/);
  expect(notes).toContain('1 file came back.');

  expect((await gpuClouds('logs', 'answered')).rawText()).toBe(shown.rawText());
  const { exitCode, notes: why } = await gpuClouds('logs', 'unheard-of');
  expect([exitCode, why]).toEqual([
    3,
    [expect.stringContaining('There is no run "unheard-of". Run "gpu-clouds ps --all"')],
  ]);
  expect((await gpuClouds('ps', '--all')).outLines.join('\n')).toMatch(/^answered +succeeded .* 0 .* ago$/m);
  expect(await instancesLeft()).toBe(0);
});

test('logs of a running job deployment says that output is available once it has ended', async () => {
  const file = join(folder, 'slow.yaml');
  const text = readFileSync(join(import.meta.dirname, '../../../examples/job-deployment/job.yaml'), 'utf8');
  writeFileSync(file, text.replace('duration=2', 'duration=600'));
  await gpuClouds('run', file, '--id', 'slow', '--detach');
  await expect.poll(async () => (await gpuClouds('ps')).outLines.join()).toMatch(/slow +running/);
  const { exitCode, notes } = await gpuClouds('logs', 'slow');
  expect([exitCode, notes]).toEqual([
    1,
    [
      'gpu-clouds: "slow" has no output yet: it is running. Use --follow to wait for output. A job deployment has output only once it has ended.',
    ],
  ]);
  expect((await gpuClouds('cancel', 'slow')).exitCode).toBe(0);
  expect(await instancesLeft()).toBe(0);
});

test('run exits with 1 when the run is stopped, even if its command exits with 0', async () => {
  const file = join(folder, 'polite.yaml');
  writeFileSync(file, JSON.stringify({ name: 'polite', command: 'trap "exit 0" TERM; sleep 600 & wait' }));
  const running = gpuClouds('run', file, '--id', 'polite');
  await expect.poll(async () => (await gpuClouds('ps')).outLines.join()).toMatch(/polite +running/);
  expect((await gpuClouds('stop', 'polite', '--json')).exitCode).toBe(0);
  const { exitCode, notes } = await running;
  expect([exitCode, notes.join('\n')]).toEqual([1, expect.stringContaining('stopped, exit code 0')]);
});

test('show plots the GPUs of a run while its command runs', async () => {
  const args = ['--id', 'plotted', '--detach'];
  await gpuClouds('run', jobFile('plotted', 'echo "40960 50 61" > .gpu-load; sleep 600'), ...args);
  const show = async () => (await gpuClouds('show', 'plotted')).outLines.join('\n');
  await expect.poll(show).toMatch(/GPUs\nGPU +BUSY +NOW +MEMORY +GIB +TEMP\n +0 +\S+ +\d+ %/);
  const { exitCode, outLines } = await gpuClouds('show', 'plotted', '--json');
  const { run } = JSON.parse(outLines.join(''));
  expect([exitCode, run.gpus]).toEqual([0, [expect.objectContaining({ node: 0, gpu: 0 })]]);
  await gpuClouds('cancel', 'plotted');
});

test('cancel ends a run and returns once its instance is gone', async () => {
  await gpuClouds('run', jobFile('endless', 'while :; do sleep 1; done'), '--id', 'endless', '--detach');
  await expect.poll(async () => (await gpuClouds('ps')).outLines.join()).toMatch(/running/);
  const { exitCode, notes } = await gpuClouds('cancel', 'endless', '--json');
  expect(exitCode).toBe(0);
  expect(notes.at(-1)).toContain('cancelled');
  expect(await instancesLeft()).toBe(0);
});

test('schedule starts a run on request, which ps lists with the schedule', async () => {
  const add = ['schedule', 'add', jobFile('nightly', 'touch made.txt'), '--cron', '0 23 31 12 *'];
  const added = await gpuClouds(...add, '--timezone', 'Europe/Berlin', '--overlap', 'buffer-one', '--jitter', '5m');
  expect([added.exitCode, added.notes.at(-1)]).toEqual([0, expect.stringMatching(/"nightly" runs nightly next at 20/)]);
  expect((await gpuClouds(...add, '--name', 'other', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('schedule', 'remove', 'other', '--json')).exitCode).toBe(0);
  expect((await gpuClouds(...add)).exitCode).toBe(2);
  const ran = await gpuClouds('schedule', 'run', 'nightly', '--json');
  const { id }: { id: string } = JSON.parse(ran.outLines.join(''));
  expect((await gpuClouds('wait', id)).exitCode).toBe(0);
  await expect
    .poll(async () => (await gpuClouds('ps', '--all', '--json')).outLines.join())
    .toContain('"schedule":"nightly"');
  await expect
    .poll(async () => (await gpuClouds('schedule', 'list', '--json')).outLines.join())
    .toContain(`"lastRun":"${id}"`);
  expect((await gpuClouds('schedule', 'pause', 'nightly', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('schedule', 'list')).outLines.join()).toMatch(
    /nightly +0 23 31 12 \* Europe\/Berlin +paused/,
  );
  expect((await gpuClouds('schedule', 'resume', 'nightly', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('schedule', 'remove', 'nightly')).exitCode).toBe(0);
  expect((await gpuClouds('schedule', 'run', 'nightly')).exitCode).toBe(3);
});

test('batch shows the outcome of each item, and exits with 1 when an item fails', async () => {
  const file = join(folder, 'sweep.csv');
  writeFileSync(file, 'CODE\n0\n3\n');
  const shown = await gpuClouds(
    'batch',
    'run',
    jobFile('sweep', 'touch made.txt; exit $CODE'),
    '--items',
    file,
    '--id',
    'sweep',
  );
  expect(shown.exitCode).toBe(1);
  expect(shown.outLines.join('\n')).toMatch(
    /ITEM +RUN +CODE .*\n +0 +sweep-0 +0 +succeeded +0 .*\n +1 +sweep-1 +3 +failed +3 /,
  );
  expect(shown.notes.at(-1)).toMatch(/^failed: 1 succeeded, 1 failed, for \$/);

  const { outLines } = await gpuClouds('batch', 'results', 'sweep', '--failed', '--json');
  expect(outLines.map((line) => JSON.parse(line))).toMatchObject([
    { index: 1, outcome: 'failed', exitCode: 3, env: { CODE: '3' } },
  ]);
  expect((await gpuClouds('batch', 'results', 'sweep')).outLines.join('\n')).toMatch(/ITEM +RUN +CODE +OUTCOME/);
  expect((await gpuClouds('batch', 'status', 'sweep')).outLines[0]).toMatch(/^sweep failed: 2 of 2 ended, 1 of them/);
  expect((await gpuClouds('batch', 'status', 'sweep', '--json')).exitCode).toBe(0);
  await expect
    .poll(async () => (await gpuClouds('batch', 'list', '--all')).outLines.join())
    .toMatch(/sweep +sweep +failed/);
  expect((await gpuClouds('batch', 'list', '--all', '--json')).exitCode).toBe(0);
  writeFileSync(file, 'CODE\n0\n');
  const once = ['batch', 'run', jobFile('once', 'touch made.txt'), '--items', file, '--json'];
  const { exitCode, outLines: result } = await gpuClouds(...once);
  expect([exitCode, JSON.parse(result.join('')).items]).toMatchObject([0, [{ index: 0, outcome: 'succeeded' }]]);
  // The stack registers the search attributes, so its runs can be searched.
  const connection = await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS ?? '' });
  const query = "GpuCloudsBatch = 'sweep' AND GpuCloudsOutcome = 'failed'";
  const search = async () =>
    (await connection.workflowService.listWorkflowExecutions({ namespace: 'default', query })).executions.map(
      ({ execution }) => execution?.workflowId,
    );
  await expect.poll(search).toEqual(['sweep-1']);
  await connection.close();
  expect((await gpuClouds('batch', 'status', 'sweep-0')).notes.at(-1)).toContain('There is no batch "sweep-0"');
  expect((await gpuClouds('stop', 'sweep')).notes.at(-1)).toContain('There is no run "sweep"');
  expect(await instancesLeft()).toBe(0);
});

test('a drained batch starts no more items, and a canceled batch ends its running items', async () => {
  const file = join(folder, 'long.csv');
  writeFileSync(file, 'CODE\n0\n3\n');
  const args = ['batch', 'run', jobFile('long', 'sleep 600'), '--items', file, '--id', 'long', '--window', '1'];
  expect((await gpuClouds(...args, '--detach', '--json')).exitCode).toBe(0);
  await expect.poll(async () => (await gpuClouds('batch', 'status', 'long')).outLines[0]).toContain('1 running');
  expect((await gpuClouds('batch', 'drain', 'long', '--json')).exitCode).toBe(0);
  const cancelled = await gpuClouds('batch', 'cancel', 'long', '--json');
  expect(JSON.parse(cancelled.outLines.join(''))).toMatchObject({ state: 'cancelled', running: 0 });
  expect((await gpuClouds('batch', 'cancel', 'long', '--detach', '--json')).exitCode).toBe(0);
  expect(await instancesLeft()).toBe(0);
});

test('up rents an instance, ssh, exec, and cp reach it, and down destroys it', async () => {
  const rented = await gpuClouds('up', '--gpu', 'L40S', '--name', 'mine', '--max-cost', '5', '--idle', '30m', '--json');
  const instance: { id: string; state: string; ssh: string; name: string } = JSON.parse(rented.outLines.join(''));
  expect([rented.exitCode, instance.name, instance.state]).toEqual([0, 'mine', 'ready']);
  expect(rented.notes.join('\n')).toMatch(/^mine: 1x L40S at .+, \$.+\/hour, for 1h or until unused for 30m$/m);
  const files = join(folder, 'home', 'ssh', instance.id);
  expect(instance.ssh).toBe(`ssh -F ${join(files, 'config')} mine`);
  expect(statSync(join(files, 'key')).mode & 0o777).toBe(0o600);
  const inside = await promisify(execFile)('sh', ['-c', `${instance.ssh} -o BatchMode=yes 'echo inside'`]);
  expect(inside.stdout).toBe('inside\n');

  const made = await gpuClouds('exec', 'mine', '--', 'printf "a  b" > "made here"; exit 3');
  expect(made.exitCode).toBe(3);
  const read = await gpuClouds('exec', 'mine', '--', 'cat', 'made here');
  expect([read.exitCode, read.rawText()]).toEqual([0, 'a  b']);
  expect((await gpuClouds('exec', 'mine', '--', 'no-such-program')).exitCode).toBe(127);
  writeFileSync(join(folder, 'sent.txt'), 'there and back');
  expect((await gpuClouds('cp', join(folder, 'sent.txt'), 'mine:sent.txt')).exitCode).toBe(0);
  expect((await gpuClouds('cp', 'mine:sent.txt', join(folder, 'received.txt'))).exitCode).toBe(0);
  expect(readFileSync(join(folder, 'received.txt'), 'utf8')).toBe('there and back');

  // A repeated command, as after a lost answer.
  const again = await gpuClouds('up', '--gpu', 'L40S', '--name', 'mine');
  expect(again.outLines).toEqual([instance.ssh]);
  expect(again.notes[0]).toBe('mine already exists. No other instance is rented.');
  expect(await instancesLeft()).toBe(1);

  const extended = await gpuClouds('extend', 'mine', '3h', '--json');
  const { mustEndBy }: { mustEndBy: string } = JSON.parse(extended.outLines.join(''));
  expect(Date.parse(mustEndBy)).toBeGreaterThan(Date.now() + 2.9 * 3_600_000);
  expect((await gpuClouds('extend', 'mine', '8d')).notes.at(-1)).toMatch(
    /^gpu-clouds: The lease can be extended up to .* no further/,
  );
  expect((await gpuClouds('ssh', 'mine', '--print')).outLines).toEqual([instance.ssh]);
  expect((await gpuClouds('ssh', 'mine', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('show', 'mine', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('show', 'mine')).outLines[0]).toMatch(
    /^mine {2}ready\ninstance {2}1x L40S at (.*\n)+cost {6}\$\d.* in .*\nends {6}in 2h 59m, at .*Z\nidle {6}released after 30m 00s without use\n/,
  );
  await expect.poll(async () => (await gpuClouds('ls')).outLines.join('\n')).toMatch(/^mine +ready +1x .+ 2h 59m$/m);

  const home = { HOME: join(folder, 'person') };
  expect((await gpuCloudsWith(home, 'ssh-config')).outLines.join('\n')).toContain('Host mine\n  HostName 127.0.0.1\n');
  expect((await gpuCloudsWith(home, 'ssh-config', '--json')).exitCode).toBe(0);
  for (const _ of [1, 2]) expect((await gpuCloudsWith(home, 'ssh-config', '--write')).exitCode).toBe(0);
  const include = `Include "${join(folder, 'home', 'ssh', 'config')}"`;
  expect(readFileSync(join(home.HOME, '.ssh', 'config'), 'utf8').split(include)).toHaveLength(2);
  const plain = await promisify(execFile)('ssh', ['-F', join(home.HOME, '.ssh', 'config'), 'mine', 'echo by name']);
  expect(plain.stdout).toBe('by name\n');

  const unfit = await gpuClouds('run', '--on', 'mine', '--gpu', 'H100', '--', 'true');
  expect([unfit.exitCode, unfit.notes.at(-1)]).toEqual([
    2,
    expect.stringMatching(/^gpu-clouds: The lease mine, 1x L40S/),
  ]);
  const planned = await gpuClouds('run', '--on', 'mine', '--dry-run', '--', 'true');
  expect(planned.notes).toEqual([
    expect.stringMatching(/^true would run on the lease mine, with 1 of 1x L40S .+ pays\.$/),
  ]);
  expect((await gpuClouds('run', '--on', 'mine', '--dry-run', '--json', '--', 'true')).exitCode).toBe(0);
  const args = ['--on', 'mine', '--gpus', '1', '--id', 'on-mine', '--download', 'made.txt'];
  const script = 'echo "GPU $CUDA_VISIBLE_DEVICES" | tee made.txt; exit 4';
  const used = await gpuClouds('run', ...args, '--', script);
  expect([used.exitCode, used.rawText(), used.notes.at(-2)]).toEqual([
    4,
    'GPU 0\n',
    expect.stringMatching(/^failed in .+ on GPU 0 of the lease mine, which pays$/),
  ]);
  expect((await gpuClouds('show', 'on-mine')).outLines.join('\n')).toMatch(/^cost {2}paid by the lease mine$/m);
  expect((await gpuClouds('show', 'on-mine', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('outputs', 'on-mine', '--json')).outLines.join('\n')).toContain('"made.txt"');
  expect(await instancesLeft()).toBe(1);

  expect((await gpuClouds('run', '--on', 'mine', '--id', 'busy', '--detach', '--', 'sleep 600')).exitCode).toBe(0);
  await expect
    .poll(async () => (await gpuClouds('show', 'mine')).outLines.join('\n'), { timeout: 60_000 })
    .toMatch(/^run {7}busy, GPUs 0$/m);

  const down = await gpuClouds('down', 'mine');
  expect(down.notes[0]).toBe('Ending what runs on it, within two minutes, with the files that come back: busy');
  expect(down.notes.at(-1)).toBe('mine is gone.');
  const ended = await gpuClouds('wait', 'busy');
  expect([ended.exitCode, ended.notes.join('\n')]).toEqual([
    1,
    expect.stringContaining('The lease mine ended: it was released.'),
  ]);
  expect([await instancesLeft(), existsSync(files)]).toEqual([0, false]);
  // A second release succeeds as well.
  expect((await gpuClouds('down', 'mine')).exitCode).toBe(0);
  const reused = await gpuClouds('up', '--gpu', 'L40S', '--name', 'mine');
  expect([reused.exitCode, reused.notes.at(-1)]).toEqual([
    2,
    expect.stringContaining(
      'The lease "mine" has ended (released). Lease names cannot be reused: choose another --name.',
    ),
  ]);
  expect((await gpuClouds('ls')).notes).toEqual(['No active leases. Use --all to include ended leases.']);
  expect((await gpuClouds('ls', '--all')).outLines.join('\n')).toMatch(/^mine +released /m);
  expect((await gpuClouds('ls', '--all', '--json')).exitCode).toBe(0);
}, 120_000);

test('with the file of ssh-config, OpenSSH starts a server on the instance and reaches it with -D and -L, as VS Code does', async () => {
  const home = { HOME: join(folder, 'editor') };
  expect((await gpuClouds('up', '--gpu', 'L40S', '--name', 'edited')).exitCode).toBe(0);
  expect((await gpuCloudsWith(home, 'ssh-config', '--write')).exitCode).toBe(0);
  const byName = ['-F', join(home.HOME, '.ssh', 'config'), '-o', 'ExitOnForwardFailure=yes'] as const;
  const children: ChildProcess[] = [];
  const ssh = (...args: string[]) => {
    const child = spawn('ssh', [...byName, ...args]);
    children.push(child);
    return child;
  };
  const inTime = { signal: AbortSignal.timeout(60_000) };
  try {
    const [socks, local] = await freePorts(2);
    const editor = ssh('-T', '-D', `127.0.0.1:${socks}`, 'edited', 'bash', '-s');
    const server = `require('node:http').createServer((_, answer) => answer.end('from ' + process.cwd()))
      .listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;
    editor.stdin.end(`cd; "${process.execPath}" -e "${server}"\n`);
    const [line]: Buffer[] = await once(editor.stdout, 'data', inTime);
    const port = Number(line);
    const throughSocks = ['-sS', '--socks5-hostname', `127.0.0.1:${socks}`, `http://localhost:${port}/`] as const;
    const { stdout: answer } = await promisify(execFile)('curl', throughSocks, inTime);
    expect(answer).toMatch(/^from .*\/home$/);

    ssh('-T', '-N', '-L', `127.0.0.1:${local}:127.0.0.1:${port}`, 'edited');
    const throughPort = () => fetch(`http://127.0.0.1:${local}/`).then((reply) => reply.text(), String);
    await expect.poll(throughPort).toBe(answer);

    writeFileSync(join(folder, 'server.tar'), 'a server');
    await promisify(execFile)('scp', [...byName, join(folder, 'server.tar'), 'edited:server.tar'], inTime);
    const sftp = promisify(execFile)('sftp', [...byName, '-b', '-', 'edited'], inTime);
    sftp.child.stdin?.end(`rename server.tar kept.tar\nget kept.tar ${join(folder, 'kept.tar')}\n`);
    await sftp;
    expect(readFileSync(join(folder, 'kept.tar'), 'utf8')).toBe('a server');
  } finally {
    for (const child of children) child.kill();
  }
  expect((await gpuClouds('down', 'edited')).exitCode).toBe(0);
  expect(await instancesLeft()).toBe(0);
}, 120_000);

test('up tries the next offer when one fails, and ssh and down find the lease by its first name', async () => {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const offers = (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
  const [cheapest] = rankOffers(offers, { gpu: 'L40S', gpuCount: 1, spot: 'never' });
  const vendor = cheapest?.vendor ?? '';
  const remove = await addFault({ kind: 'out-of-capacity', vendor, probability: 1 });
  const rented = await gpuClouds('up', '--gpu', 'L40S', '--name', 'second', '--json');
  await remove();
  expect(rented.exitCode).toBe(0);
  expect(rented.notes.join('\n')).toMatch(
    new RegExp(`^${vendor} failed, and no instance was created\\. no-capacity: `, 'm'),
  );
  expect(JSON.parse(rented.outLines.join('')).vendor).not.toBe(vendor);
  expect((await gpuClouds('up', '--gpu', 'L40S', '--name', 'second')).notes[0]).toMatch(/^second-\d already exists\./);
  expect((await gpuClouds('exec', 'second', '--', 'true')).exitCode).toBe(0);
  expect((await gpuClouds('down', 'second', '--json')).exitCode).toBe(0);
  expect(await instancesLeft()).toBe(0);
}, 120_000);

test('up --detach returns before the instance is ready, and says which filter leaves no offer', async () => {
  const rented = await gpuClouds('up', '--gpu', 'L40S', '--name', 'like', '--detach');
  expect(rented.outLines).toEqual(['like']);
  expect(rented.notes.join('\n')).toContain('like: 1x L40S at');
  expect((await gpuClouds('up', '--gpu', 'L40S', '--name', 'like', '--detach', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('down', 'like')).exitCode).toBe(0);
  const { exitCode, notes } = await gpuClouds('up', '--gpu', 'L40S', '--max-price', '0.01');
  expect([exitCode, notes.at(-1)]).toEqual([
    5,
    expect.stringMatching(/No offer matches\. Without --max-price, the cheapest costs \$\d\.\d\d an hour\./),
  ]);
  const none = await gpuClouds('down', 'none');
  expect([none.exitCode, none.notes.at(-1)]).toEqual([
    3,
    'gpu-clouds: There is no lease "none". Run "gpu-clouds ls --all" to list leases.',
  ]);
  expect(await instancesLeft()).toBe(0);
});

test('commands without the codec keys fail with one message that names GPU_CLOUDS_CODEC_KEYS', async () => {
  const other = { GPU_CLOUDS_FLEET: 'coded' };
  const keys = { ...other, GPU_CLOUDS_CODEC_KEYS: `2026:${Buffer.alloc(32, 9).toString('base64')}` };
  expect((await gpuCloudsWith(keys, 'reaper', 'start', '--json')).exitCode).toBe(0);
  await gpuCloudsWith(keys, 'run', jobFile('coded', 'true'), '--id', 'coded', '--detach');
  for (const command of [
    ['reaper', 'status'],
    ['ps', '--all'],
    ['cancel', 'coded', '--detach'],
    ['batch', 'status', 'coded'],
  ]) {
    const { notes, exitCode } = await gpuCloudsWith(other, ...command);
    expect(exitCode).toBe(1);
    expect(notes).toEqual([
      'gpu-clouds: This Temporal namespace is encrypted with the key "2026". Set GPU_CLOUDS_CODEC_KEYS to the same value as on the workers.',
    ]);
  }
  await gpuCloudsWith(keys, 'cancel', 'coded', '--detach');
  expect((await gpuCloudsWith(keys, 'reaper', 'remove', '--json')).exitCode).toBe(0);
});

test('reaper status shows the schedule, run scans at once, and pause, resume, and remove change it', async () => {
  const status = await gpuClouds('reaper', 'status', '--json');
  expect(JSON.parse(status.outLines.join(''))).toMatchObject({ paused: false, everySeconds: 300 });
  expect((await gpuClouds('reaper', 'pause')).notes).toEqual(['The reaper of "dev" is paused.']);
  expect((await gpuClouds('reaper', 'status')).outLines[0]).toContain('paused, every 5m 00s');
  expect((await gpuClouds('reaper', 'run')).notes.at(-1)).toMatch(/^0 destroyed, /);
  expect((await gpuClouds('reaper', 'run', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('reaper', 'pause', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('reaper', 'resume', '--json')).exitCode).toBe(0);
  expect((await gpuClouds('reaper', 'remove')).exitCode).toBe(0);
  expect((await gpuClouds('reaper', 'resume')).notes).toEqual([
    'gpu-clouds: The fleet "dev" has no reaper in this Temporal namespace. Start one with "gpu-clouds reaper start".',
  ]);
});

test('reap reports what Temporal does not know, and destroys it once its deadline is over, also without Temporal', async () => {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBdptDTzJ2cOmdyryG1B7yb1YssiCQs6SWu4HlbZXGE test';
  const nameOf = (deadline: number) => formatInstanceName({ fleet: 'dev', run: 'forgotten', ordinal: 0, deadline });
  const add = (deadline: number) => clouds.get('gpu-ai')?.keys?.create({ name: nameOf(deadline), publicKey });
  const young = await add(Date.now() + 3_600_000);
  const old = await add(Date.now() - 3_600_000);
  const report = await gpuClouds('reap', '--dry-run', '--json');
  expect(JSON.parse(report.outLines.join(''))).toMatchObject({
    alarms: [{ id: young?.id, why: 'owner-not-found' }],
    waiting: [{ id: old?.id, why: 'overdue' }],
  });
  expect(report.exitCode).toBe(1);
  const home = mkdtempSync(join(folder, 'reap-'));
  writeFileSync(join(home, 'orphans-since.json'), '{"cut o');
  const refused = { GPU_CLOUDS_HOME: home, GPU_CLOUDS_FLEET: undefined, TEMPORAL_NAMESPACE: 'nowhere' };
  const anyway = await gpuCloudsWith(refused, 'reap', '--fleet', 'dev', '--dry-run', '--json');
  expect(JSON.parse(anyway.outLines.join(''))).toMatchObject({ waiting: [{ id: old?.id, why: 'overdue' }] });
  expect(anyway.notes).toEqual([
    expect.stringMatching(/ the namespace "nowhere".* Only resources past their deadline are destroyed\.$/),
    expect.stringContaining('orphans-since.json is not valid JSON. The grace period of orphans starts again.'),
  ]);
  const dead = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { notes, outLines } = await gpuCloudsWith(dead, 'reap', '--json');
  expect(JSON.parse(outLines.join(''))).toMatchObject({ destroyed: [{ id: old?.id, why: 'overdue' }], waiting: [] });
  expect(notes[0]).toMatch(
    /^gpu-clouds: No Temporal server answers at .* Only resources past their deadline are destroyed\.$/,
  );
  await clouds.get('gpu-ai')?.keys?.delete(young?.id ?? '');
});

test('reap without Temporal and without the name of a fleet lists the fleets and destroys nothing', async () => {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBdptDTzJ2cOmdyryG1B7yb1YssiCQs6SWu4HlbZXGE test';
  const name = formatInstanceName({ fleet: 'elsewhere', run: 'run', ordinal: 0, deadline: Date.now() - 3_600_000 });
  const key = await clouds.get('gpu-ai')?.keys?.create({ name, publicKey });
  const unnamed = { GPU_CLOUDS_FLEET: undefined };
  const { notes, exitCode } = await gpuCloudsWith(unnamed, 'reap', '--no-temporal');
  expect(notes.at(-1)).toMatch(
    /The fleet is not known\. .*elsewhere \(0 instances\).* Add --fleet NAME or --fleet all\./,
  );
  expect(exitCode).toBe(1);
  const all = await gpuCloudsWith(unnamed, 'reap', '--no-temporal', '--fleet', 'all', '--json');
  expect(JSON.parse(all.outLines.join('')).destroyed).toMatchObject([{ id: key?.id }]);
});

test('every command has succeeded on this stack but for those that other files test, and printed every form of its JSON', () => {
  // These run until they are ended, as tests here do by themselves, or talk to a person or an agent: see mcp.test.ts.
  const elsewhere = ['dev', 'dashboard', 'worker', 'mcp', 'approve'];
  const here = leafCommands().filter(({ name }) => !elsewhere.includes(name));
  expect(here.flatMap(({ name }) => (succeeded.has(name) ? [] : [name]))).toEqual([]);
  expect(outputForms().filter((form) => !printedForms.has(form))).toEqual([]);
});
