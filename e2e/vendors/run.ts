/**
 * Runs the vendors' own tools, unchanged, against the simulators: `pnpm vendors [--all] [TOOL…]`. Without names: all that take
 * less than a minute, or with `--all` the others, too. A tool that cannot be installed is skipped with a message.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSimulators, evidence, expectNothingLeft } from '@gpu-clouds/simulators';
import { InstallError, installTool } from './install.ts';
import { runCommand } from './run-command.ts';
import { type Tool, tools } from './tools.ts';

// A key for tests only: nobody has its private half.
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWzJQtkWJpOZGAYXJCmsVRGyfkmuPRqAr8EfV4DUDdM vendors';

/** Runs a tool against simulators of its own. Returns whether it passed; a tool that cannot be installed is skipped. */
async function passes(tool: Tool): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), `gpu-clouds-${tool.name}-`));
  const called = new Set<string>();
  const simulators = createSimulators({
    bootSeconds: 0.5,
    onCall: ({ operation, status }) => {
      if (status < 400) called.add(operation);
    },
  });
  try {
    const { command, env } = await installTool(tool, folder);
    const started = Date.now();
    const clouds = Object.values(await simulators.listen()).map((endpoint) => endpoint.env);
    const [program, ...args] = command;
    const { output } = await runCommand(program, args, {
      cwd: folder,
      env: { ...process.env, ...Object.assign({}, ...clouds), ...env, PUBLIC_KEY, HOME: folder },
    });
    const { passed, failed } = countsIn(output);
    if (failed > 0) console.log(output);
    console.log(`${tool.name} → ${passed} passed, ${failed} failed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (failed > 0) return false;
    expectNothingLeft(simulators);
    return matchesEvidence(tool, called);
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    console.log(`${tool.name} → skipped: it cannot be installed here. ${error.message}`);
    return true;
  } finally {
    await simulators.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Returns whether the evidence of the simulators names the tool for exactly the operations that it called. */
function matchesEvidence({ name }: Tool, called: ReadonlySet<string>): boolean {
  const named = Object.values(evidence)
    .flatMap((operations) => Object.entries<readonly string[]>(operations))
    .filter(([, sources]) => sources.includes(name))
    .map(([operation]) => operation);
  const missing = [...called].filter((operation) => !named.includes(operation));
  const unfounded = named.filter((operation) => !called.has(operation));
  if (missing.length > 0) console.log(`Add "${name}" to the evidence of ${missing.join(', ')}.`);
  if (unfounded.length > 0) console.log(`Remove "${name}" from the evidence of ${unfounded.join(', ')}.`);
  return missing.length === 0 && unfounded.length === 0;
}

/** Reads the counts that a script prints at its end. A script that ends without them has failed. */
function countsIn(output: string): { readonly passed: number; readonly failed: number } {
  const counts = /^\{"passed": (\d+), "failed": (\d+)\}$/m.exec(output);
  return counts === null ? { passed: 0, failed: 1 } : { passed: Number(counts[1]), failed: Number(counts[2]) };
}

const { values, positionals: names } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
const unknownName = names.find((name) => !tools.some((tool) => tool.name === name));
if (unknownName !== undefined) {
  console.error(`Unknown tool "${unknownName}". Known tools: ${tools.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const isChosen = ({ name, slow }: Tool) => (names.length > 0 ? names.includes(name) : values.all || slow !== true);
let failedTools = 0;
for (const tool of tools.filter(isChosen)) if (!(await passes(tool))) failedTools += 1;
process.exit(failedTools > 0 ? 1 : 0);
