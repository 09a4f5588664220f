import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Stack, startStack } from '@gpu-clouds/dev';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { commandOf, leafCommands } from './leaf-commands.ts';
import { servingCommands, typedCommands } from './terminal-commands.ts';
import { hasTmux, openScreen, type Screen } from './tmux.ts';

const bin = join(import.meta.dirname, '../src/bin.ts');
const command = `'${process.execPath}' '${bin}'`;

let folder: string;
let stack: Stack;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-terminal-'));
  const worker = [process.execPath, bin, 'worker', '--json'] as const;
  stack = await startStack({ env: process.env, home: join(folder, 'home'), worker, log: () => undefined });
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  env = { ...rest, ...stack.env, TERM: 'xterm-256color', PS1: '$ ' };
}, 180_000);
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

let screen: Screen | undefined;
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

/** Opens a terminal, and types a command of gpu-clouds. */
async function typed(columns: number, args: string, variables: NodeJS.ProcessEnv = {}): Promise<Screen> {
  screen = await openScreen(columns, { ...env, ...variables }, folder);
  // The command line itself would be wrapped.
  await screen.type(`clear; ${command} ${args}; echo "exit code $?"`);
  return screen;
}

const shows = (on: Screen, text: string | RegExp) => expect.poll(() => on.text()).toMatch(text);

/** Like `shows`, for sentences that may be wrapped. */
const says = (on: Screen, text: string | RegExp) =>
  expect.poll(async () => (await on.text()).replace(/\s+/g, ' ')).toMatch(text);

async function pipe(script: string): Promise<{ stdout: string; stderr: string; code: number }> {
  try {
    return { ...(await promisify(execFile)('sh', ['-c', script], { env, maxBuffer: 64 * 1024 * 1024 })), code: 0 };
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error)
      return { stdout: String(error.stdout), stderr: String(error.stderr), code: Number(error.code) };
    throw error;
  }
}

// Each step of a test may take as long as `shows` waits.
describe.skipIf(!hasTmux)('on a terminal', { timeout: 240_000 }, () => {
  test.each([80, 200])('at %d columns, no line of offers is wrapped, and prices have colors', async (columns) => {
    const on = await typed(columns, 'offers --limit 30');
    await shows(on, 'exit code 0');
    const text = await on.text();
    expect(text).toBe(await on.unwrapped());
    expect(text).toMatch(/^\$\/HOUR( +\$\/GPU)? +GPU .* CLOUD +REGION/m);
    expect(text.includes('LEFT')).toBe(columns === 200);
    expect(await on.colored()).toContain('\u001b[32m');
  });

  test('doctor is fitted to the width of the terminal, and names every cloud', async () => {
    const on = await typed(60, 'doctor');
    await shows(on, 'exit code 0');
    const text = await on.text();
    expect(text).toBe(await on.unwrapped());
    for (const name of ['gpu-ai', 'massed-compute', 'tensordock', 'verda', 'temporal', 'master secret', 'run store'])
      expect(text).toMatch(new RegExp(`^✓ ${name} `, 'm'));
  });

  test('NO_COLOR turns colors off', async () => {
    const on = await typed(80, 'offers --limit 3', { NO_COLOR: '1' });
    await shows(on, 'exit code 0');
    expect(await on.colored()).not.toContain('\u001b[');
  });

  test('run shows offers and cap, asks, shows phase, time, cost, and cap, and Ctrl-C asks what to do', async () => {
    const script = `--gpu L40S --max-cost 50 --max-duration 1h --id asked -- 'trap "exit 0" TERM; echo begun; sleep 600 & wait'`;
    const on = await typed(80, `run ${script}`);
    await shows(on, /\$\d\.\d\d\/hour, at most \$(\d\.\d\d), at most 1h\n(.*\n)*.*Start, for at most \$\1\?/);
    await on.press('y');
    // An hour costs less than the job's maxCost.
    await shows(on, /at most \$(\d\.\d\d)\?\n(.*\n)*begun\n. running {2}\S[^$]* {2}\$\d\.\d+ of \$\1$/);
    const { text } = on;
    const first = await text();
    // The status line advances by itself.
    await expect.poll(text).not.toBe(first);
    await on.press('C-c');
    await shows(on, /asked is still running\.\n(.*\n)*.*detach: .*\n(.*\n)*.*stop: .*\n(.*\n)*.*cancel: /);
    await on.press('Down', 'Enter');
    await shows(on, /stopped, exit code 0\n(.*\n)*exit code 1/);
    expect(await text()).not.toMatch(/running {2}\S[^$]* {2}\$\d\.\d+ of/);
  });

  test('the answer to the question of run is no unless the person says yes', async () => {
    const on = await typed(80, 'run --gpu L40S --id refused -- true');
    await shows(on, 'Start, for at most');
    await on.press('Enter');
    await shows(on, /Nothing was started\.\nexit code 130/);
    await on.type(`clear; ${command} show refused`);
    await shows(on, 'There is no run and no lease "refused"');
  });

  test('after Ctrl-C and detach, run says that it continues and bills, and how to reach it', async () => {
    const on = await typed(80, 'run --gpu L40S --yes --id left -- sleep 600');
    await shows(on, / running {2}/);
    await on.press('C-c');
    await shows(on, 'left is still running.');
    await on.press('Enter');
    await shows(on, /left continues, and bills until it ends\.\n.*gpu-clouds logs left --follow\n(.*\n)*exit code 130/);
    expect((await pipe(`${command} cancel left`)).code).toBe(0);
  });

  test('what an instance prints cannot control the terminal', async () => {
    const on = await typed(80, `run --gpu L40S --yes -- 'printf "\\033]0;owned\\007\\033[31mred\\033[0m\\n"'`);
    await shows(on, /^\\x1b\]0;owned\\x07red$/m);
    expect(await on.colored()).toContain('\u001b[31mred');
  });

  test('up asks, ssh logs in to the instance, and down releases it', async () => {
    const on = await typed(200, 'up --gpu L40S --name tty');
    await shows(on, 'Rent the first for 1h, for at most $0.89?');
    await on.press('y');
    await shows(on, /^ {2}log in: gpu-clouds ssh tty\n(.*\n)*exit code 0/m);
    await on.type(`clear; ${command} ssh tty; echo "code $?"`);
    await shows(on, 'root@vm:~#');
    // The simulated instance has a shell without a terminal, which knows no carriage return.
    await on.press('echo "in$((1 + 1))side"; exit 5', 'C-j');
    await shows(on, /in2side(.*\n)*code 5$/m);
    await on.type(`clear; ${command} down tty`);
    await shows(on, 'tty is gone.');
  });

  test('init asks for the GPU until it is a known one', async () => {
    const on = await typed(80, 'init');
    await shows(on, 'Which GPU?');
    await on.type('H10O');
    await shows(on, 'Did you mean "H100"?');
    await on.type('H100:8');
    await shows(on, 'Which command should it run?');
    await on.press('Enter');
    await shows(on, /wrote job\.yaml\nwrote \.env\n(.*\n)*exit code 0/);
  });
});

/** Every command at two widths takes minutes: each change has the narrow one, and each night both. */
const widths = process.env.GPU_CLOUDS_ALL_WIDTHS ? [80, 200] : [80];

/** Lines for a shell or a file, which must stay whole. */
const toCopy = /^(ssh -F| {2}(IdentityFile|UserKnownHostsFile)) /;

describe.skipIf(!hasTmux).each(widths)('at %d columns', { timeout: 600_000 }, (columns) => {
  const typedHere = new Set<string | undefined>();
  const name = `wide-${columns}`;
  let cwd: string;
  beforeAll(() => {
    cwd = join(folder, name);
    mkdirSync(cwd);
    writeFileSync(
      join(cwd, 'batch.yaml'),
      JSON.stringify({ job: { name: 'sweep', command: 'true', resources: { gpu: 'L40S' } }, matrix: { CODE: [1] } }),
    );
  });

  /** Types a command, and returns the screen once it has ended. */
  async function ended(on: Screen, args: string): Promise<{ text: string; code: string }> {
    const end = `end-${typedHere.size}`;
    typedHere.add(commandOf(args.split(' ')));
    await on.type(`clear; ${command} ${args}; echo "${end} $?"`);
    await shows(on, new RegExp(`^${end} \\d+$`, 'm'));
    const text = await on.text();
    return { text, code: new RegExp(`^${end} (\\d+)$`, 'm').exec(text)?.[1] ?? '' };
  }

  test(`every command that ends by itself shows what it did at ${columns} columns, and only what is made to be copied is wrapped`, async () => {
    const on = await openScreen(columns, { ...env, HOME: cwd }, cwd);
    screen = on;
    const wrapped: string[] = [];
    for (const { args, shows: expected, code: exit = 0 } of typedCommands(name)) {
      const { text, code } = await ended(on, args);
      expect([args, code, text]).toEqual([args, String(exit), expect.stringMatching(expected)]);
      const long = (await on.unwrapped()).split('\n').filter((line) => line.length > columns && !toCopy.test(line));
      if (long.length > 0) wrapped.push(`${args}: ${long.join(' | ')}`);
    }
    expect(wrapped).toEqual([]);
  });

  test.each(servingCommands)(
    `$args serves on a terminal of ${columns} columns until Ctrl-C`,
    async ({ args, shows: expected }) => {
      const on = await openScreen(columns, { ...env, GPU_CLOUDS_HOME: join(cwd, 'home') }, cwd);
      screen = on;
      typedHere.add(commandOf(args.split(' ')));
      await on.type(`clear; ${command} ${args}; echo "exit code $?"`);
      await shows(on, expected);
      await on.press('C-c');
      await shows(on, /exit code 0$/m);
    },
  );

  test(`an agent's job is quoted by mcp and approved by a person at ${columns} columns`, async () => {
    const on = await openScreen(columns, env, cwd);
    screen = on;
    typedHere.add('mcp').add('approve');
    await on.type(
      `clear; ${command} mcp --allow-spend --max-cost 1 --budget 5/day --account mcp-${name}; echo "exit code $?"`,
    );
    const clientInfo = { name: 'test', version: '1.0.0' };
    const job = { name: 'agent', command: 'true', resources: { gpu: 'L40S' }, limits: { maxCost: 3 } };
    for (const message of [
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'quote_run', arguments: { job } } },
    ])
      await on.type(JSON.stringify({ jsonrpc: '2.0', ...message }));
    const quote = async () => /q[0-9a-f]{24}/.exec(await on.unwrapped())?.[0];
    await expect.poll(quote).toBeDefined();
    const id = await quote();
    await on.press('C-c');
    await shows(on, /exit code 0$/m);
    await on.type(`clear; ${command} approve ${id}; echo "exit code $?"`);
    await shows(on, /^Run "agent" for at most \$3\.00 and 24h\?\n(.*\n)*.*Approve\?/m);
    await on.press('y');
    await shows(on, /is approved until (.*\n)*exit code 0$/m);
  });

  test(`every command has been typed at ${columns} columns`, () => {
    expect(leafCommands().flatMap(({ name }) => (typedHere.has(name) ? [] : [name]))).toEqual([]);
  });
});

describe('in a pipe', () => {
  test('offers and ps print no colors, no status line, and no question', async () => {
    for (const args of ['offers --limit 3', 'ps --all', 'run --gpu L40S -- true']) {
      const { stdout, stderr } = await pipe(`${command} ${args}`);
      expect(stdout + stderr).not.toContain('\u001b');
      expect(stderr).not.toContain('Start');
    }
  });

  test('run into a closed pipe exits with 130, and says that the run continues and bills', async () => {
    const { stderr } = await pipe(
      `{ ${command} run --gpu L40S --id cut -- 'while :; do echo line; sleep 0.2; done'; echo "exit code $?" >&2; } | head -n 1`,
    );
    expect(stderr).toMatch(/cut continues, and bills until it ends\.\n(.*\n)*exit code 130\n$/);
    expect((await pipe(`${command} cancel cut`)).code).toBe(0);
  });

  test('offers into a closed pipe is not an error', async () => {
    const { stderr } = await pipe(`{ ${command} offers; echo "exit code $?" >&2; } | head -n 1`);
    expect(stderr).toMatch(/exit code 0\n$/);
  });

  test('a settings file that does not exist is reported by the command, not by Node', async () => {
    const { stderr, code } = await pipe(`${command} --settings none.env offers`);
    expect([code, stderr]).toEqual([2, expect.stringContaining('gpu-clouds: Cannot read the settings file none.env')]);
  });

  test('worker starts without warnings of the SDK', async () => {
    const child = spawn(process.execPath, [bin, 'worker', '--no-reaper'], { env });
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes;
    });
    const [ready]: Buffer[] = await once(child.stdout, 'data');
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect([String(ready), stderr]).toEqual([
      'worker ready for gpu-ai, massed-compute, tensordock, verda; press Ctrl-C to stop it\n',
      '',
    ]);
  });

  test('--help loads no client, and of other packages only what reads the arguments', async () => {
    const { stderr } = await pipe(`NODE_DEBUG=esm ${command} --help`);
    const unneeded = ['@temporalio', '@noble', 'packages/verda', 'packages/jobs', 'clouds/src/pure.ts', 'zod'];
    const loaded = unneeded.filter((name) => stderr.includes(name));
    expect([stderr.includes('commander'), loaded]).toEqual([true, []]);
  });

  test('ps loads no schema of job files and no client of a cloud', async () => {
    const { stderr } = await pipe(`NODE_DEBUG=esm ${command} ps`);
    const loaded = ['/zod/', '/yaml/', '/tar-stream/', 'packages/verda'].filter((name) => stderr.includes(name));
    expect([stderr.includes('@temporalio'), loaded]).toEqual([true, []]);
  });
});

// The last test, because it ends Temporal for all.
test.skipIf(!hasTmux)(
  'when Temporal is lost, run and up say that something continues and bills',
  async () => {
    const on = await typed(80, 'run --gpu L40S --yes --id lost -- sleep 600');
    await shows(on, / running {2}/);
    await stack.temporal.close();
    await says(on, /Temporal does not answer\. lost continues, and bills until its limits\./);
    await on.press('C-c');
    await shows(on, 'lost is still running.');
    await on.press('Enter');
    await shows(on, /lost continues, and bills until it ends\.\n(.*\n)*exit code 130/);
    const { stderr, code } = await pipe(`${command} up --gpu L40S --yes`);
    expect([code, stderr]).toEqual([6, expect.stringContaining('No Temporal server answers')]);
  },
  180_000,
);
