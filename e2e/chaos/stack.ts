import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DevServer, type ReadyProgram, startDevServer, startReady } from '@gpu-clouds/dev';
import type { Endpoint } from '@gpu-clouds/simulators';
import { workflowInterceptorModules, workflowsPath } from '@gpu-clouds/workflows';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Outage } from './judge.ts';
import { workerCount } from './plan.ts';

export const fleet = 'chaos';
const simulatorsBin = fileURLToPath(import.meta.resolve('@gpu-clouds/simulators/bin'));
const workerProgram = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
/** After a kill, what the dead one did is taken up when its heartbeats have timed out: 20 seconds, and Temporal's own retry. */
const recoveryMs = 30_000;

/** Temporal, to be killed by its pid. */
export type TemporalServer = Pick<DevServer, 'address' | 'pid' | 'close'>;
/** Starts it; again too, on the port that it had, with what it knew. */
export type StartTemporal = (home: string, port?: number) => Promise<TemporalServer>;

const devServer: StartTemporal = (home, port) =>
  startDevServer({ dbFile: databaseOf(home), ...(port === undefined ? {} : { port }) });

/** Server, simulators and workers, a process each, so that any of them can be killed. */
export class Stack {
  readonly home: string;
  /** Environment with the credentials of the simulated clouds. */
  readonly env: NodeJS.ProcessEnv;
  readonly simulatorUrl: string;
  readonly client: Client;
  readonly outages: Outage[] = [];
  readonly #simulators: ReadyProgram;
  readonly #workers: (ReadyProgram | undefined)[] = [];
  readonly #startTemporal: StartTemporal;
  #server: TemporalServer;
  /** One thing at a time may happen to the server, and one to each worker. */
  readonly #busy = new Map<string, Promise<void>>();
  #closing = false;
  #logs = 0;

  private constructor(parts: {
    home: string;
    server: TemporalServer;
    startTemporal: StartTemporal;
    simulators: ReadyProgram;
    client: Client;
    env: NodeJS.ProcessEnv;
    url: string;
  }) {
    this.home = parts.home;
    this.#server = parts.server;
    this.#startTemporal = parts.startTemporal;
    this.#simulators = parts.simulators;
    this.client = parts.client;
    this.env = parts.env;
    this.simulatorUrl = parts.url;
  }

  /** @param settings Environment of the workers beside the clouds' credentials. */
  static async start(
    home: string,
    seed: number,
    settings: Readonly<Record<string, string>>,
    options: { readonly startTemporal?: StartTemporal; readonly bundle?: string } = {},
  ): Promise<Stack> {
    const { startTemporal = devServer } = options;
    for (const folder of ['logs', 'runs', 'evidence']) await mkdir(join(home, folder), { recursive: true });
    const bundle = options.bundle ?? (await bundleInto(home));
    const server = await startTemporal(home);
    // Not among the workers' logs: it begins with the accounts' credentials.
    const log = join(home, 'simulators.log');
    const simulators = await startReady('simulators', [process.execPath, simulatorsBin, '--seed', String(seed)], {
      log,
    });
    const endpoints = Object.values(simulators.ready as Readonly<Record<string, Endpoint>>);
    const env = {
      ...process.env,
      ...Object.assign({}, ...endpoints.map((endpoint) => endpoint.env)),
      ...settings,
      TEMPORAL_ADDRESS: server.address,
      CHAOS_RUNS: join(home, 'runs'),
      CHAOS_BUNDLE: bundle,
      CHAOS_FLEET: fleet,
      // A dozen workers of the same code start one after the other.
      NODE_COMPILE_CACHE: join(home, 'compiled'),
    };
    const client = new Client({ connection: Connection.lazy({ address: server.address }) });
    const stack = new Stack({
      home,
      server,
      startTemporal,
      simulators,
      client,
      env,
      url: new URL(endpoints[0]?.baseUrl ?? '').origin,
    });
    for (let worker = 0; worker < workerCount; worker++) await stack.#startWorker(worker);
    return stack;
  }

  get evidence(): string {
    return join(this.home, 'evidence');
  }

  /** Kills, or asks to end, and starts another after a while. */
  replaceWorker(worker: number, signal: 'SIGTERM' | 'SIGKILL', awayMs: number): Promise<void> {
    return this.#alone(`worker ${worker}`, async () => {
      await this.#out(async () => {
        const stopped = this.#workers[worker];
        await (signal === 'SIGKILL' ? stopped?.kill() : stopped?.close());
        await delay(awayMs);
        await this.#startWorker(worker);
      });
    });
  }

  /** SIGKILLs the Temporal server and brings it back on the same port and database. */
  killServer(awayMs: number): Promise<void> {
    return this.#alone('server', async () => {
      await this.#out(async () => {
        process.kill(this.#server.pid, 'SIGKILL');
        await this.#server.close();
        await delay(awayMs);
        await this.#startServer();
      });
    });
  }

  /** Whoever ended by itself, because Temporal was away for too long for instance, comes back: an operator's supervisor does that. */
  async supervise(): Promise<void> {
    for (let worker = 0; worker < workerCount; worker++) {
      if (this.#workers[worker]?.running === false && !this.#busy.has(`worker ${worker}`)) {
        await this.replaceWorker(worker, 'SIGTERM', 0);
      }
    }
  }

  async settled(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  /** Ends every process. The client stays open: a call that waits for its next try would otherwise end ours. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#busy.values());
    await Promise.all(this.#workers.map((worker) => worker?.kill()));
    await this.#simulators.close();
    await this.#server.close();
  }

  async #startServer(): Promise<void> {
    const port = Number(this.#server.address.split(':').at(-1));
    for (let attempt = 1; ; attempt++) {
      try {
        this.#server = await this.#startTemporal(this.home, port);
        return;
      } catch (error) {
        // Its port may be taken for a moment by somebody's outgoing connection.
        if (attempt === 10) throw error;
        await delay(500);
      }
    }
  }

  async #startWorker(worker: number): Promise<void> {
    for (let attempt = 1; !this.#closing; attempt++) {
      const log = join(this.home, 'logs', `worker-${worker}-${this.#logs++}.log`);
      try {
        this.#workers[worker] = await startReady('worker', [process.execPath, workerProgram], {
          env: this.env,
          log,
          // As long as an operator's supervisor has patience with one that lets go of what it does.
          graceSeconds: 30,
        });
        return;
      } catch (error) {
        // It ends when there is no Temporal to connect to.
        if (attempt === 60) throw error;
        await delay(500);
      }
    }
  }

  async #alone(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#closing || this.#busy.has(what)) return;
    const working = work().finally(() => this.#busy.delete(what));
    this.#busy.set(what, working);
    await working;
  }

  async #out(work: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await work();
    this.outages.push({ from, to: Date.now() + recoveryMs });
  }
}

/** @returns the file */
export async function bundleInto(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowsPath(),
    workflowInterceptorModules: workflowInterceptorModules(),
    logger: new DefaultLogger('ERROR'),
  });
  const file = join(folder, 'workflows.js');
  await writeFile(file, code);
  return file;
}

function databaseOf(home: string): string {
  return join(home, 'temporal.db');
}
