import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerSearchAttributes } from '@gpu-clouds/workflows';
import { type DevServer, startDevServer } from '@gpu-clouds/workflows/dev-server';
import { Connection } from '@temporalio/client';
import { type ReadyChild, startChild } from './child.ts';

/** What `startStack` needs to know. */
export interface StackOptions {
  /** Environment of what is started. Where the stack sets a variable of its own, that counts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for Temporal's database and the runs. */
  readonly home: string;
  /** Takes a line for each step. */
  readonly log: (line: string) => void;
  /** Serve Temporal's web interface. */
  readonly ui?: boolean;
  /** Port of Temporal. Any free one when left out. */
  readonly port?: number;
  /** Seed of the simulators. */
  readonly seed?: number;
}

/** Everything a job needs, on this machine: Temporal with a database file, four simulated clouds, a worker. */
export interface Stack {
  /** Temporal's dev server. */
  readonly temporal: DevServer;
  /** What other commands need in their environment to work with this stack. */
  readonly env: Readonly<Record<string, string>>;
  /** Base URL of each simulator. */
  readonly simulators: Readonly<Record<string, string>>;
  /** The worker, in a process of its own. */
  readonly worker: ReadyChild;
  /** SIGKILLs the worker and starts another. */
  replaceWorker(): Promise<void>;
  /** Stops all of it: worker first, then clouds, then Temporal. Safe to call twice. */
  close(): Promise<void>;
}

/** Programs of this workspace are TypeScript in a checkout and JavaScript once published. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const ownBin = fileURLToPath(new URL(`../bin.${extension}`, import.meta.url));
const simulatorsBin = fileURLToPath(new URL(`./bin.${extension}`, import.meta.resolve('@gpu-clouds/simulators')));

/**
 * Starts Temporal, the simulated clouds and a worker on this machine.
 * @throws CliError, DevServerError or ServerNotFoundError when a part does not start; the others are stopped then
 */
export async function startStack({ env, home, log, ui, port, seed }: StackOptions): Promise<Stack> {
  const running: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const part of running.splice(0).reverse()) await part.close();
  };
  try {
    const temporal = await startDevServer({
      env,
      dbFile: join(home, 'temporal.db'),
      log,
      ...(ui === undefined ? {} : { ui }),
      ...(port === undefined ? {} : { port }),
    });
    running.push(temporal);
    await makeSearchable(temporal);

    const simulatorArguments = seed === undefined ? [] : ['--seed', String(seed)];
    const simulators = await startChild('simulators', [simulatorsBin, ...simulatorArguments], env);
    running.push({ close: () => simulators.stop() });
    const clouds = simulators.ready as Readonly<Record<string, { baseUrl: string; env: Record<string, string> }>>;

    const stackEnv: Record<string, string> = {
      ...Object.assign({}, ...Object.values(clouds).map((cloud) => cloud.env)),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      GPU_CLOUDS_DEPLOYMENT: 'dev',
      GPU_CLOUDS_HOME: home,
      GPU_CLOUDS_RUNS: join(home, 'runs'),
      // Made anew each time and kept nowhere: the simulated machines it opens end with the stack.
      GPU_CLOUDS_MASTER_SECRET: randomBytes(32).toString('base64url'),
    };
    const startWorker = () => startChild('worker', [ownBin, 'worker', '--json'], { ...env, ...stackEnv });
    let worker = await startWorker();
    running.push({ close: () => worker.stop() });

    return {
      temporal,
      env: stackEnv,
      simulators: Object.fromEntries(Object.entries(clouds).map(([vendor, { baseUrl }]) => [vendor, baseUrl])),
      get worker() {
        return worker;
      },
      async replaceWorker() {
        await worker.stop('SIGKILL');
        worker = await startWorker();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** So that its web interface finds runs by phase, cloud, outcome and batch. */
async function makeSearchable({ address, namespace }: DevServer): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}
