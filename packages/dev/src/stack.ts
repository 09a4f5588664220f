import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { registerSearchAttributes } from '@gpu-clouds/jobs';
import { Connection } from '@temporalio/client';
import { type DevServer, startDevServer } from './dev-server/index.ts';
import { type Command, type ReadyProgram, startReady } from './ready-program.ts';

/** Options of {@link startStack}. */
export interface StackOptions {
  /** Environment of the started programs. Variables set by the stack take precedence. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for Temporal's database and the run store. */
  readonly home: string;
  /**
   * Command that starts a worker with the environment of the stack, and prints a line of JSON once the worker is ready. For example
   * `gpu-clouds worker --json`, or a program that calls `runWorker` of `@gpu-clouds/workflows`.
   */
  readonly worker: Command;
  /** Called with each line of progress. */
  readonly log: (line: string) => void;
  /** Serve Temporal's web interface. Default: false. */
  readonly ui?: boolean | undefined;
  /** Port of Temporal on 127.0.0.1. Default: any free port. */
  readonly port?: number | undefined;
  /** Seed of the simulators. Default: that of `@gpu-clouds/simulators`. */
  readonly seed?: number | undefined;
}

/** A running local stack: Temporal with a database file, four simulated clouds, and a worker. */
export interface Stack {
  /** Temporal's dev server. */
  readonly temporal: DevServer;
  /** Environment variables with which clients, clouds, and other commands use this stack. */
  readonly env: Readonly<Record<string, string>>;
  /** Base URL of each simulator, by vendor. */
  readonly simulators: Readonly<Record<string, string>>;
  /** The current worker process. */
  readonly worker: ReadyProgram;
  /** Kills the worker with SIGKILL and starts another one. */
  replaceWorker(): Promise<void>;
  /** Stops the worker, then the simulators, then Temporal. Safe to call twice. */
  close(): Promise<void>;
}

const simulatorsBin = createRequire(import.meta.url).resolve('@gpu-clouds/simulators/bin');
/** On SIGTERM a worker gives running activities 10 s before it exits. */
const workerGraceSeconds = 30;

/**
 * Starts Temporal, the simulated clouds, and a worker on this machine. They stop when this process exits. If one of them does not start,
 * the others are stopped.
 * @throws {ServerNotFoundError} when Temporal's dev server is not found and no download works
 * @throws {DevServerError} when the dev server does not start
 * @throws {ProgramError} when the simulators or the worker do not start
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
      ui,
      port,
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
      // Generated for each stack and not stored: the simulated instances end with the stack.
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

/** Registers search attributes, so that runs can be searched by phase, cloud, outcome, and batch. */
async function makeSearchable({ address, namespace }: DevServer): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}
