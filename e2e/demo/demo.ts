import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Cloud, createClouds, type Offer, rankOffers } from '@gpu-clouds/clouds';
import { type Stack, startStack } from '@gpu-clouds/dev';
import { offerConstraints, parseJob } from '@gpu-clouds/jobs';
import { outputProblems } from './output-problems.ts';
import { listRemaining, type Simulators, simulatorControl } from './simulator-control.ts';

/** Options of {@link demo}. */
export interface DemoOptions {
  /** Kill the worker with SIGKILL while the command runs, and start another one. */
  readonly killWorker: boolean;
  readonly signal: AbortSignal;
}

const root = join(import.meta.dirname, '..', '..');
/** The command as installed for users. */
const gpuClouds = join(import.meta.dirname, '..', 'node_modules', '.bin', 'gpu-clouds');
const jobFile = join(root, 'examples', 'estimate-pi', 'job.yaml');
const home = join(root, '.gpu-clouds', 'demo');

/**
 * Runs the example job on a local stack whose cheapest cloud is out of capacity.
 * @returns the exit code: 0 only when the job succeeded, its output is complete, and no cloud has any resource left
 */
export async function demo({ killWorker, signal }: DemoOptions): Promise<number> {
  heading('Starting Temporal, four simulated clouds, and a worker');
  // The state of an interrupted demo refers to simulated instances that no longer exist.
  rmSync(home, { recursive: true, force: true });
  const stack = await startStack({ env: process.env, home, worker: [gpuClouds, 'worker', '--json'], log: console.log });
  try {
    console.log(`Temporal ${stack.temporal.address} · worker ${stack.worker.pid}`);
    const simulators = simulatorControl(stack.simulators);
    const env = { ...process.env, ...stack.env };
    const clouds = createClouds({ env }).clouds;

    heading('Offers of the four clouds, cheapest first');
    await command(['offers', '--limit', '24'], env, signal);

    const jobPath = relative(process.cwd(), jobFile);
    const cheapest = await cheapestFor(jobFile, clouds);
    heading(`Running ${jobPath}; the cheapest matching cloud, ${cheapest.vendor}, is out of capacity`);
    await simulators.addFault({ kind: 'out-of-capacity', vendor: cheapest.vendor, probability: 1 });
    const onOutput = killWorker ? killWorkerAfter('round 3 of', stack) : undefined;
    const exitCode = await command(['run', jobPath, '--id', runId], env, signal, onOutput);

    heading('Remaining resources');
    const left = await reportRemaining(clouds, simulators);
    const problems =
      exitCode === 0 ? outputProblems(join(home, 'runs', runId)) : [`the job ended with exit code ${exitCode}`];
    for (const problem of problems) console.error(`demo: ${problem}`);
    return left === 0 && problems.length === 0 ? 0 : 1;
  } finally {
    await stack.close();
  }
}

const runId = 'demo';

/** Returns the offer that the job tries first. */
async function cheapestFor(file: string, clouds: ReadonlyMap<string, Cloud>): Promise<Offer> {
  const job = parseJob(readFileSync(file, 'utf8'), file);
  const offers = await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()));
  const [cheapest] = rankOffers(offers.flat(), offerConstraints(job));
  if (cheapest === undefined) throw new Error(`no simulated cloud has an offer that matches ${file}`);
  return cheapest;
}

/** Returns an output listener that kills and replaces the worker once, when the text appears. */
function killWorkerAfter(text: string, stack: Stack): (piece: string) => void {
  let seen = '';
  let killed = false;
  return (piece) => {
    seen += piece;
    if (killed || !seen.includes(text)) return;
    killed = true;
    const { pid } = stack.worker;
    stack.replaceWorker().then(
      () => console.log(`          (killed worker ${pid} with SIGKILL; worker ${stack.worker.pid} continues)`),
      (error: unknown) =>
        console.error(`demo: starting a new worker failed: ${error instanceof Error ? error.message : error}`),
    );
  };
}

/** Runs `gpu-clouds` and shows its output. @returns its exit code, or null when a signal ended it */
async function command(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onOutput: (piece: string) => void = () => undefined,
): Promise<number | null> {
  const child = spawn(gpuClouds, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    process.stdout.write(piece);
    onOutput(piece);
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [exitCode]: (number | null)[] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  return exitCode ?? null;
}

/**
 * Prints the remaining resources and the total cost.
 * @returns the number of remaining resources
 * @throws {Error} when the clouds' lists and the simulators' ledger differ
 */
async function reportRemaining(clouds: ReadonlyMap<string, Cloud>, simulators: Simulators): Promise<number> {
  const listed = await listRemaining(clouds.values());
  const { left, dollars } = await simulators.ledger();
  console.log(`${left.instances} instances, ${left.keys} keys, ${left.volumes} volumes left`);
  console.log(`$${dollars.toFixed(4)} spent`);
  if (
    listed.instances !== left.instances ||
    listed.keys !== left.keys ||
    listed.volumes !== left.volumes ||
    listed.jobDeployments !== left.jobDeployments
  ) {
    throw new Error(`the clouds list ${JSON.stringify(listed)}, but the ledger has ${JSON.stringify(left)}`);
  }
  return left.instances + left.keys + left.volumes + left.jobDeployments;
}

function heading(text: string): void {
  console.log(`\n── ${text}`);
}
