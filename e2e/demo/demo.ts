import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { main, type Stack, startStack, type Terminal } from '@gpu-clouds/cli';
import { type Cloud, createClouds, type Offer, rankOffers } from '@gpu-clouds/clouds';
import { offerConstraints, parseJob } from '@gpu-clouds/workflows';
import { outputProblems } from './output-problems.ts';
import { askWhatIsLeft, type Simulators, simulatorControl } from './simulator-control.ts';

export interface DemoOptions {
  /** SIGKILL the worker while the command runs, and start another. */
  readonly killWorker: boolean;
  readonly signal: AbortSignal;
}

const root = join(import.meta.dirname, '..', '..');
const jobFile = join(root, 'examples', 'estimate-pi', 'job.yaml');
const home = join(root, '.gpu-clouds', 'demo');

/** @returns the exit code: 0 only when the job succeeded, its output is whole, and nothing is left with any cloud */
export async function demo({ killWorker, signal }: DemoOptions): Promise<number> {
  heading('Starting Temporal, four simulated clouds and a worker');
  // What an interrupted demo left is about machines that ended with it.
  rmSync(home, { recursive: true, force: true });
  const stack = await startStack({ env: process.env, home, log: console.log });
  try {
    console.log(`Temporal ${stack.temporal.address} · worker ${stack.worker.pid}`);
    const simulators = simulatorControl(stack.simulators);
    const env = { ...process.env, ...stack.env };
    const clouds = createClouds({ env }).clouds;

    heading('What the four clouds offer, cheapest first');
    const terminal = terminalFor(env, signal);
    await main(['offers', '--limit', '24'], terminal);

    const jobPath = relative(process.cwd(), jobFile);
    const cheapest = await cheapestFor(jobFile, clouds);
    heading(`Running ${jobPath}; ${cheapest.vendor}, the cheapest that fits, is out of capacity`);
    await simulators.addFault({ kind: 'out-of-capacity', vendor: cheapest.vendor, probability: 1 });
    const output = killWorker ? killWorkerAfter('round 3 of', stack, terminal) : terminal;
    const exitCode = await main(['run', jobPath, '--id', runId], output);

    heading('What is left');
    const left = await report(clouds, simulators);
    const problems =
      exitCode === 0 ? outputProblems(join(home, 'runs', runId)) : [`the job ended with exit code ${exitCode}`];
    for (const problem of problems) console.error(`demo: ${problem}`);
    return left === 0 && problems.length === 0 ? 0 : 1;
  } finally {
    await stack.close();
  }
}

const runId = 'demo';

/** The offer that the job will try first. */
async function cheapestFor(file: string, clouds: ReadonlyMap<string, Cloud>): Promise<Offer> {
  const job = parseJob(readFileSync(file, 'utf8'), file);
  const offers = await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()));
  const [cheapest] = rankOffers(offers.flat(), offerConstraints(job));
  if (cheapest === undefined) throw new Error(`no simulated cloud has what ${file} asks for`);
  return cheapest;
}

/** A terminal that, once the text has come by, has the worker killed and replaced; once only. */
function killWorkerAfter(text: string, stack: Stack, terminal: Terminal): Terminal {
  let seen = '';
  let killed = false;
  return {
    ...terminal,
    raw: (piece) => {
      terminal.raw(piece);
      seen += piece;
      if (killed || !seen.includes(text)) return;
      killed = true;
      const { pid } = stack.worker;
      stack.replaceWorker().then(
        () => console.log(`          (worker ${pid} got SIGKILL; worker ${stack.worker.pid} goes on)`),
        (error: unknown) => console.error(`demo: no new worker: ${error instanceof Error ? error.message : error}`),
      );
    },
  };
}

/** Asks every cloud's own API, then the simulators' ledger; both have to agree. */
async function report(clouds: ReadonlyMap<string, Cloud>, simulators: Simulators): Promise<number> {
  const listed = await askWhatIsLeft(clouds.values());
  const { left, dollars } = await simulators.ledger();
  console.log(`${left.instances} instances, ${left.keys} keys, ${left.volumes} volumes left`);
  console.log(`$${dollars.toFixed(4)} spent`);
  if (
    listed.instances !== left.instances ||
    listed.keys !== left.keys ||
    listed.volumes !== left.volumes ||
    listed.deployments !== left.deployments
  ) {
    throw new Error(`the clouds list ${JSON.stringify(listed)}, but their ledger says ${JSON.stringify(left)}`);
  }
  return left.instances + left.keys + left.volumes + left.deployments;
}

function terminalFor(env: Terminal['env'], signal: AbortSignal): Terminal {
  return {
    env,
    signal,
    out: (line) => console.log(line),
    note: (line) => console.log(line),
    raw: (text) => process.stdout.write(text),
  };
}

function heading(text: string): void {
  console.log(`\n── ${text}`);
}
