import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DevServer, type ReadyProgram, startDevServer, startReady } from '@gpu-clouds/dev';
import type { Endpoint } from '@gpu-clouds/simulators';
import { workflowInterceptorModules, workflowsPath } from '@gpu-clouds/workflows';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workerCount } from './faults/process-faults.ts';
import type { Outage } from './over-cap.ts';
import { largestFolderMiB, type ResourceUse, warningsIn } from './resource-use.ts';

export const fleet = 'chaos';
/** Variable with the master secret that may replace the first one. */
export const nextMasterSecret = 'CHAOS_NEXT_MASTER_SECRET';
const simulatorsBin = fileURLToPath(import.meta.resolve('@gpu-clouds/simulators/bin'));
const workerProgram = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
/** Lets Node keep compiled code: programs with the same code start dozens of times. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'gpu-clouds-chaos-compiled') };
/** Collects garbage less often and on one thread, because chaos keeps both processors busy. */
const leanNode = [process.execPath, '--max-semi-space-size=64', '--single-threaded-gc'] as const;
/** After a kill, another worker continues once the heartbeats have timed out (20 s) and Temporal has retried. */
const recoveryMs = 30_000;

/** A Temporal server that can be killed by its process ID. */
export type TemporalServer = Pick<DevServer, 'address' | 'pid' | 'close'>;
/** Starts the server, or restarts it with the same port and database. */
export type StartTemporal = (home: string, port?: number) => Promise<TemporalServer>;

/** Lets the server collect garbage less often, to leave the processor to what is tested. */
const lessCollection = { GOGC: '400' };

const devServer: StartTemporal = (home, port) =>
  startDevServer({ env: { ...process.env, ...lessCollection }, dbFile: databaseOf(home), port });

/** Temporal server, simulators, and workers as separate processes, so that each can be killed. */
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
  /** Faults in progress. The server and each worker have at most one at a time. */
  readonly #busy = new Map<string, Promise<void>>();
  #workerMiB = 0;
  #changed: Readonly<Record<string, string>> = {};
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

  /**
   * Starts all processes.
   * @param settings Environment variables of the workers besides the clouds' credentials.
   * @param options.programs Folder with programs that go before those of the simulated instances.
   */
  static async start(
    home: string,
    seed: number,
    settings: Readonly<Record<string, string>>,
    options: {
      readonly startTemporal?: StartTemporal | undefined;
      readonly bundle?: string | undefined;
      readonly programs?: string | undefined;
    } = {},
  ): Promise<Stack> {
    const { startTemporal = devServer } = options;
    for (const folder of ['logs', 'runs', 'evidence']) await mkdir(join(home, folder), { recursive: true });
    const bundle = options.bundle ?? (await bundleInto(home));
    const server = await startTemporal(home);
    // Kept apart from the workers' logs, because its first line has the accounts' credentials.
    const log = join(home, 'simulators.log');
    const simulators = await startReady('simulators', [...leanNode, simulatorsBin, '--seed', String(seed)], {
      log,
      env: { ...process.env, ...compileCache, PATH: [options.programs ?? [], process.env.PATH ?? []].flat().join(':') },
    });
    const endpoints = Object.values(simulators.ready as Readonly<Record<string, Endpoint>>);
    const env = {
      ...process.env,
      ...Object.assign({}, ...endpoints.map((endpoint) => endpoint.env)),
      ...settings,
      TEMPORAL_ADDRESS: server.address,
      CHAOS_RUNS: join(home, 'runs'),
      CHAOS_DISK_FULL: join(home, 'disk-full'),
      CHAOS_BUNDLE: bundle,
      CHAOS_FLEET: fleet,
      ...compileCache,
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

  /** The database of the dev server. */
  get databaseFile(): string {
    return databaseOf(this.home);
  }

  /** While it exists, the workers' run store fails as on a full disk. */
  get diskFullFile(): string {
    return join(this.home, 'disk-full');
  }

  /** The master secret that the workers start with, and the one that may replace it. */
  get masterSecrets(): { readonly current: string; readonly next: string } {
    return { current: this.env.GPU_CLOUDS_MASTER_SECRET ?? '', next: this.env[nextMasterSecret] ?? '' };
  }

  /** Changes the environment of workers that start from now on. */
  change(settings: Readonly<Record<string, string>>): void {
    this.#changed = { ...this.#changed, ...settings };
  }

  get evidence(): string {
    return join(this.home, 'evidence');
  }

  /** Returns what the workers have used at most so far. */
  async used(): Promise<ResourceUse> {
    for (const worker of this.#workers) await this.#noteMemory(worker);
    return {
      workerMiB: this.#workerMiB,
      runMiB: await largestFolderMiB(join(this.home, 'runs')),
      warnings: await warningsIn(join(this.home, 'logs')),
    };
  }

  /**
   * Stops a worker with the signal, and starts another one after `awayMs`.
   * @param settings Environment of this worker alone.
   */
  replaceWorker(
    worker: number,
    signal: 'SIGTERM' | 'SIGKILL',
    awayMs: number,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    return this.#alone(`worker ${worker}`, async () => {
      await this.#out(false, async () => {
        const stopped = this.#workers[worker];
        await this.#noteMemory(stopped);
        await (signal === 'SIGKILL' ? stopped?.kill() : stopped?.close());
        await delay(awayMs);
        await this.#startWorker(worker, settings);
      });
    });
  }

  /** Kills the Temporal server with SIGKILL, and restarts it after `awayMs` with the same port and database. */
  killServer(awayMs: number, { reaperRuns = false } = {}): Promise<void> {
    return this.#alone('server', async () => {
      await this.#out(reaperRuns, async () => {
        process.kill(this.#server.pid, 'SIGKILL');
        await this.#server.close();
        await delay(awayMs);
        await this.#startServer();
      });
    });
  }

  /** Restarts workers that exited, for example because Temporal was down for too long, as a process supervisor does. */
  async supervise(): Promise<void> {
    for (let worker = 0; worker < workerCount; worker++) {
      if (this.#workers[worker]?.running === false && !this.#busy.has(`worker ${worker}`)) {
        await this.replaceWorker(worker, 'SIGTERM', 0);
      }
    }
  }

  /** Waits until no fault is in progress. */
  async settled(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  /** Stops every process. The client stays open: closing it would end this process when a call waits for a retry. */
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
        // An outgoing connection may use the port for a moment.
        if (attempt === 10) throw error;
        await delay(500);
      }
    }
  }

  async #startWorker(worker: number, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    for (let attempt = 1; !this.#closing; attempt++) {
      const log = join(this.home, 'logs', `worker-${worker}-${this.#logs++}.log`);
      try {
        this.#workers[worker] = await startReady('worker', [...leanNode, workerProgram], {
          env: { ...this.env, ...this.#changed, ...settings },
          log,
          // Like a process supervisor, allow the worker to shut down in order.
          graceSeconds: 30,
        });
        return;
      } catch (error) {
        // The worker exits when it cannot connect to Temporal. Each start takes a second of a processor, so wait until the server is back.
        if (attempt === 60) throw error;
        do await delay(500);
        while (!this.#closing && !(await accepts(this.#server.address)));
      }
    }
  }

  /** Linux alone tells the highest use of another process. */
  async #noteMemory(worker: ReadyProgram | undefined): Promise<void> {
    const status = await readFile(`/proc/${worker?.pid}/status`, 'utf8').catch(() => '');
    const [, kib = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    this.#workerMiB = Math.max(this.#workerMiB, Math.ceil(Number(kib) / 1024));
  }

  async #alone(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#closing || this.#busy.has(what)) return;
    const working = work().finally(() => this.#busy.delete(what));
    this.#busy.set(what, working);
    await working;
  }

  async #out(reaperRuns: boolean, work: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await work();
    this.outages.push({ from, to: Date.now() + recoveryMs, reaperRuns });
  }
}

/** Bundles the workflow code into a file in the folder. @returns the path of the file */
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

/** Tells whether a server accepts connections at the address. */
async function accepts(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function databaseOf(home: string): string {
  return join(home, 'temporal.db');
}
