import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '@gpu-clouds/clouds';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import { type DevServer, startDevServer } from '@gpu-clouds/dev';
import { type Job, localRunStore, parseJob, type RunStore, readOutput } from '@gpu-clouds/jobs';
import { workflowNames } from '@gpu-clouds/jobs/contract';
import { bytesOf, FakeCloud, presetFleet } from '@gpu-clouds/jobs/test';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Timing } from '../src/timing.ts';
import { createWorkers, type WorkerGroup, type WorkerGroupOptions } from '../src/worker/index.ts';
import { overlappingSignals } from './overlapping-signals.ts';
import './quiet-runtime.ts';
import { startSshServer, type TestSshServer } from './ssh-server.ts';
import { workflowCache } from './workflow-cache.ts';

/** Short, so that tests wait on conditions and not on clocks. */
export const quick: Timing = {
  consistencyWindowMs: 600,
  pollIntervalMs: 50,
  watchIntervalMs: 100,
  bootTimeoutMs: 20_000,
  unreachableTimeoutMs: 60_000,
  followPollMs: 200,
  gpuSampleMs: 15_000,
  idlePollMs: 100,
  offerPauseMs: 100,
  longestOfferPauseMs: 300,
  transferPauseMs: 10,
};
export const masterSecret = 'a master secret of the tests';

const ours: ReadonlySet<string> = new Set(Object.values(workflowNames));

/** A Temporal server, one instance that all fake clouds hand out, and workers to start and stop. */
export class Harness {
  readonly client: Client;
  readonly server: DevServer;
  readonly ssh: TestSshServer;
  readonly runs: RunStore;
  readonly folder: string;
  readonly #native: NativeConnection;
  readonly #running: { readonly group: WorkerGroup; readonly ended: Promise<void> }[] = [];

  private constructor(server: DevServer, client: Client, native: NativeConnection, ssh: TestSshServer, folder: string) {
    this.server = server;
    this.client = client;
    this.ssh = ssh;
    this.folder = folder;
    this.runs = localRunStore(join(folder, 'runs'));
    this.#native = native;
  }

  static async start(): Promise<Harness> {
    const server = await startDevServer();
    const connection = await Connection.connect({ address: server.address });
    const native = await NativeConnection.connect({ address: server.address });
    const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
    const client = new Client({ connection });
    presetFleet(client, 'default');
    return new Harness(server, client, native, await startSshServer(), folder);
  }

  /** A cloud whose instances are all the one SSH server, which lets in the keys they were ordered with. */
  cloud(vendor: Vendor, pricePerHour = 1, spot = false): FakeCloud {
    return new FakeCloud(vendor, [{ pricePerHour, spot }], this.ssh.address, ({ publicKey }) =>
      this.ssh.allowed.add(publicKey),
    );
  }

  async work(
    clouds: readonly Cloud[],
    secrets: Readonly<Record<string, string>> = {},
    timing: Partial<Timing> = {},
    more: Partial<WorkerGroupOptions> = {},
  ): Promise<WorkerGroup> {
    const group = await createWorkers(this.#native, {
      clouds: new Map(clouds.map((cloud) => [cloud.vendor, cloud])),
      fleet: 'default',
      masterSecret,
      runs: this.runs,
      secrets: (name) => secrets[name],
      timing: { ...quick, ...timing },
      activitiesPerSecond: 1000,
      workflowBundle: { codePath: inject('workflowBundle') },
      shutdownGraceMs: 1000,
      ...workflowCache(),
      ...more,
    });
    this.#running.push({ group, ended: group.run() });
    return group;
  }

  /** Stops all workers and waits until they have. */
  async rest(): Promise<void> {
    for (const { group } of this.#running) group.shutdown();
    await Promise.all(this.#running.splice(0).map(({ ended }) => ended));
  }

  /**
   * Every history that a test made must lead through the same code again: what is not deterministic shows here. And no workflow may send two
   * signals to another one at the same time, because they may arrive in any order.
   */
  async #replayAll(): Promise<void> {
    const sinks = { gpuCloudsTracing: { runEnded: { fn: () => undefined } } };
    const options = { workflowBundle: { codePath: inject('workflowBundle') }, sinks };
    // One worker replays them all: creating a worker takes longer than replaying a history.
    for await (const { workflowId, error } of Worker.runReplayHistories(options, this.#histories())) {
      if (error) throw new Error(`${workflowId} cannot be replayed: ${error.message}`, { cause: error });
    }
  }

  async *#histories() {
    for await (const { workflowId, runId, type } of this.client.workflow.list()) {
      if (!ours.has(type)) continue;
      const history = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const overlapping = overlappingSignals(history);
      if (overlapping.length > 0)
        throw new Error(`${workflowId} sends signals at the same time: ${overlapping.join(', ')}`);
      yield { workflowId, history };
    }
  }

  async close(): Promise<void> {
    await this.rest();
    await this.#replayAll();
    await this.#native.close();
    await this.client.connection.close();
    await this.server.close();
    await this.ssh.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function job(yaml: string, folder = '/'): Job {
  return parseJob(yaml, join(folder, 'job.yaml'));
}

export async function outputOf(runs: RunStore, run: string, node = 0, attempt = 1): Promise<string> {
  return (await bytesOf(readOutput(runs, run, { node, attempt }))).toString();
}
