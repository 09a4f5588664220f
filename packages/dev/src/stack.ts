import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { registerSearchAttributes } from '@gpu-clouds/jobs';
import { Connection } from '@temporalio/client';
import { type DevServer, startDevServer } from './dev-server/index.ts';
import { type Command, type ReadyProgram, startReady } from './ready-program.ts';

/** What `startStack` needs to know. */
export interface StackOptions {
  /** Environment of what is started. Where the stack sets a variable of its own, that counts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for Temporal's database and the runs. */
  readonly home: string;
  /**
   * Starts a worker with the environment that it gets, and prints a line of JSON once it is ready: `gpu-clouds worker --json`, or a
   * program with `runWorker` of `@gpu-clouds/workflows`.
   */
  readonly worker: Command;
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
  readonly worker: ReadyProgram;
  /** SIGKILLs the worker and starts another. */
  replaceWorker(): Promise<void>;
  /** Stops all of it: worker first, then clouds, then Temporal. Safe to call twice. */
  close(): Promise<void>;
}

const simulatorsBin = createRequire(import.meta.url).resolve('@gpu-clouds/simulators/bin');
/** A worker takes up to ten seconds to let go of what it does. */
const workerGraceSeconds = 30;

/**
 * Starts Temporal, the simulated clouds and a worker on this machine.
 * @throws ProgramError, DevServerError or ServerNotFoundError when a part does not start; the others are stopped then
 */
export async function startStack({ env, home, log, ui, port, seed, worker: command }: StackOptions): Promise<Stack> {
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
    const simulators = await startReady('simulators', [process.execPath, simulatorsBin, ...simulatorArguments], {
      env,
    });
    running.push(simulators);
    const clouds = simulators.ready as Readonly<Record<string, { baseUrl: string; env: Record<string, string> }>>;

    const stackEnv: Record<string, string> = {
      ...Object.assign({}, ...Object.values(clouds).map((cloud) => cloud.env)),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      GPU_CLOUDS_FLEET: 'dev',
      GPU_CLOUDS_HOME: home,
      GPU_CLOUDS_RUNS: join(home, 'runs'),
      // Made anew each time and kept nowhere: the simulated instances it opens end with the stack.
      GPU_CLOUDS_MASTER_SECRET: randomBytes(32).toString('base64url'),
    };
    const startWorker = () =>
      startReady('worker', command, { env: { ...env, ...stackEnv }, graceSeconds: workerGraceSeconds });
    let worker = await startWorker();
    running.push({ close: () => worker.close() });

    return {
      temporal,
      env: stackEnv,
      simulators: Object.fromEntries(Object.entries(clouds).map(([vendor, { baseUrl }]) => [vendor, baseUrl])),
      get worker() {
        return worker;
      },
      async replaceWorker() {
        await worker.kill();
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
