/**
 * Runs the vendors' own tools, unchanged, against the simulators: `pnpm vendors [TOOL…]`.
 * Installs each tool into a temporary folder, and skips it with a message where it cannot be installed.
 */
import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulators, expectNothingLeft } from '@gpu-clouds/simulators';
import { type Tool, tools } from './tools.ts';

const here = import.meta.dirname;
// A key for tests only: nobody has its private half.
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWzJQtkWJpOZGAYXJCmsVRGyfkmuPRqAr8EfV4DUDdM vendors';

interface Finished {
  readonly code: number;
  readonly output: string;
}

function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Installs a tool below `folder`. Returns the command of its script, or why it cannot be installed. */
async function install(
  tool: Tool,
  folder: string,
): Promise<{ readonly command: string[] } | { readonly missing: string }> {
  const python = join(folder, 'venv', 'bin', 'python');
  const made = await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  if (made.code !== 0) return { missing: made.output };
  const installed = await run(python, ['-m', 'pip', 'install', '--quiet', ...tool.packages]);
  if (installed.code !== 0) return { missing: installed.output };
  return { command: [python, '-B', join(here, tool.script)] };
}

/** Runs a tool against simulators of its own. Returns whether it passed; a tool that cannot be installed is skipped. */
async function passes(tool: Tool): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), `gpu-clouds-${tool.name}-`));
  const simulators = createSimulators({ bootSeconds: 0.5 });
  try {
    const found = await install(tool, folder);
    if ('missing' in found) {
      console.log(`${tool.name} → skipped: it cannot be installed here. ${found.missing.trim().split('\n').at(-1)}`);
      return true;
    }
    const started = Date.now();
    const clouds = Object.values(await simulators.listen()).map(({ env }) => env);
    const env = { ...process.env, ...Object.assign({}, ...clouds), PUBLIC_KEY, HOME: folder, PYTHONPATH: here };
    const [command = '', ...args] = found.command;
    const { output } = await run(command, args, { cwd: folder, env });
    const { passed, failed } = countsIn(output);
    if (failed > 0) console.log(output);
    console.log(`${tool.name} → ${passed} passed, ${failed} failed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (failed === 0) expectNothingLeft(simulators);
    return failed === 0;
  } finally {
    await simulators.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Reads the counts in the last line of a script. A script that ends without them has failed. */
function countsIn(output: string): { readonly passed: number; readonly failed: number } {
  const line = output.trim().split('\n').at(-1) ?? '';
  const counts = /^\{"passed": ?(\d+), ?"failed": ?(\d+)\}$/.exec(line);
  return counts === null ? { passed: 0, failed: 1 } : { passed: Number(counts[1]), failed: Number(counts[2]) };
}

const names = process.argv.slice(2);
const unknownName = names.find((name) => !tools.some((tool) => tool.name === name));
if (unknownName !== undefined) {
  console.error(`Unknown tool "${unknownName}". Known tools: ${tools.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = tools.filter(({ name }) => names.length === 0 || names.includes(name));
let failedTools = 0;
for (const tool of chosen) if (!(await passes(tool))) failedTools += 1;
process.exit(failedTools > 0 ? 1 : 0);
