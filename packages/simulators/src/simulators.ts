import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionCut } from './answer.ts';
import type { CatalogOverrides } from './catalog.ts';
import { type Clock, systemClock } from './clock.ts';
import { controlApp } from './control.ts';
import { documentOf } from './documents.ts';
import { FaultRuleError, readFaultRules } from './fault-rules.ts';
import { FaultPlan, type FaultRule } from './faults.ts';
import { createGpuAiSimulator } from './gpu-ai/app.ts';
import { type Ledger, LedgerBook } from './ledger.ts';
import { createMassedComputeSimulator } from './massed-compute/app.ts';
import { Network } from './network.ts';
import { createRandom } from './random.ts';
import { type RunningServer, serveOnLoopback } from './server.ts';
import { createTensorDockSimulator } from './tensordock/app.ts';
import { type Vendor, vendors } from './vendor.ts';
import type { VendorParts } from './vendor-parts.ts';
import { createVerdaSimulator } from './verda/app.ts';
import { inferenceOperations } from './verda/inference.ts';
import type { World } from './world.ts';

/** How the four clouds are to behave. */
export interface SimulatorOptions {
  /** Same seed, same ids, credentials and chances. 1 by default. */
  readonly seed?: number;
  /** Time by which machines boot and bill. Default: the system's. */
  readonly clock?: Clock;
  /** What goes wrong, from the start. */
  readonly faults?: readonly FaultRule[];
  /** From the create call until a machine answers; 2 by default. */
  readonly bootSeconds?: number;
  /** Whether machines can be logged into once the simulators listen; true by default. */
  readonly ssh?: boolean;
  /** Other prices and stock than the built-in ones. */
  readonly catalog?: CatalogOverrides;
  /** Called when an answer does not match the vendor's document. Whatever it does, the caller gets a 500 that says so. Throws by default. */
  readonly onInvalidAnswer?: (problem: string) => void;
}

/** One simulated cloud. */
export interface Simulator {
  /** Whose cloud it plays. */
  readonly vendor: Vendor;
  /** The vendor's real base URL until the simulators listen, then the local one. */
  readonly baseUrl: string;
  /** Environment variables for the vendor's client: credentials, base URL, SSH port where it is not 22. */
  readonly env: Record<string, string>;
  /** Answers a request whatever its host. A cut connection rejects with a TypeError, as `fetch` does. */
  fetch(request: Request): Promise<Response>;
}

/** Where a simulated cloud listens. */
export interface Endpoint {
  /** What the client takes as its base URL. */
  readonly baseUrl: string;
  /** Environment variables for the vendor's client: credentials, base URL, SSH port where it is not 22. */
  readonly env: Record<string, string>;
}

/** The four clouds by vendor, with their clock, faults and ledger. */
export type Simulators = Readonly<Record<Vendor, Simulator>> & {
  /**
   * Serves all four on 127.0.0.1 and opens SSH.
   * @throws PortTakenError
   */
  listen(options?: { readonly portBase?: number }): Promise<Record<Vendor, Endpoint>>;
  /** What was rented and registered so far, and what it cost: a copy, as of now. */
  ledger(): Ledger;
  /** What goes wrong on demand, in all four clouds. */
  readonly faults: {
    /** Rules with an `instance` strike at once. @throws FaultRuleError */
    add(...rules: readonly FaultRule[]): Promise<void>;
    /** Forgets all rules. What struck already stays as it is. */
    clear(): void;
  };
  /** Kills every machine, removes what was on disk, and stops listening. */
  close(): Promise<void>;
};

/** Verda and Massed Compute promise one address a machine and port 22. */
const sshPortVariables: Partial<Record<Vendor, string>> = {
  'massed-compute': 'MASSED_COMPUTE_SSH_PORT',
  verda: 'VERDA_SSH_PORT',
};

const baseUrlVariables: Record<Vendor, string> = {
  'gpu-ai': 'GPU_AI_BASE_URL',
  'massed-compute': 'MASSED_COMPUTE_BASE_URL',
  tensordock: 'TENSORDOCK_BASE_URL',
  verda: 'VERDA_BASE_URL',
};

/** Four clouds over one clock, one seed, one fault plan and one ledger. */
export function createSimulators(options: SimulatorOptions = {}): Simulators {
  const world = createWorld(options);
  const catalog = options.catalog ?? {};
  const parts: Record<Vendor, VendorParts> = {
    'gpu-ai': createGpuAiSimulator(world, catalog),
    'massed-compute': createMassedComputeSimulator(world, catalog),
    tensordock: createTensorDockSimulator(world, catalog),
    verda: createVerdaSimulator(world, catalog),
  };
  const add = async (rules: readonly FaultRule[]): Promise<void> => {
    for (const rule of rules) {
      if (rule.instance === undefined) world.faults.add(rule);
      else await applyFault(rule, parts);
    }
  };
  const read = (json: unknown) => readFaultRules(json, operationsOf);
  for (const rule of read(options.faults ?? [])) world.faults.add(rule);
  const control = controlApp({
    ledger: () => world.ledger.report(),
    addFaults: async (json) => {
      const rules = read(json);
      await add(rules);
      return rules;
    },
    clearFaults: () => world.faults.clear(),
  });
  const servers = new Map<Vendor, RunningServer>();
  const answer = (vendor: Vendor, request: Request): Promise<Response> => {
    const app = new URL(request.url).pathname.startsWith('/_simulator/') ? control : parts[vendor].app;
    return Promise.resolve(app.fetch(request));
  };
  const simulator = (vendor: Vendor): Simulator => ({
    vendor,
    get baseUrl() {
      return baseUrlOf(vendor, servers.get(vendor));
    },
    get env() {
      return { ...parts[vendor].credentials(), ...addressesOf(vendor, servers.get(vendor), world.network) };
    },
    async fetch(request) {
      try {
        return await answer(vendor, request);
      } catch (error) {
        if (error instanceof ConnectionCut) throw new TypeError('fetch failed', { cause: error });
        throw error;
      }
    },
  });
  const simulators = {
    'gpu-ai': simulator('gpu-ai'),
    'massed-compute': simulator('massed-compute'),
    tensordock: simulator('tensordock'),
    verda: simulator('verda'),
  };
  return {
    ...simulators,
    async listen({ portBase } = {}) {
      if (options.ssh !== false) {
        await mkdir(world.folder, { mode: 0o700, recursive: true });
        await world.network.open(['massed-compute', 'verda']);
      }
      for (const vendor of vendors) await parts[vendor].open();
      for (const [index, vendor] of vendors.entries()) {
        servers.set(
          vendor,
          await serveOnLoopback((request) => answer(vendor, request), portBase === undefined ? 0 : portBase + index),
        );
      }
      const endpoint = (vendor: Vendor): Endpoint => ({
        baseUrl: simulators[vendor].baseUrl,
        env: simulators[vendor].env,
      });
      return {
        'gpu-ai': endpoint('gpu-ai'),
        'massed-compute': endpoint('massed-compute'),
        tensordock: endpoint('tensordock'),
        verda: endpoint('verda'),
      };
    },
    ledger: () => world.ledger.report(),
    faults: { add: (...rules) => add(read(rules)), clear: () => world.faults.clear() },
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()));
      servers.clear();
      await Promise.all(vendors.map((vendor) => parts[vendor].close()));
      await world.network.close();
      await rm(world.folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** By which faults can name them. */
function operationsOf(vendor: Vendor): readonly string[] {
  const documented = documentOf(vendor).operations.map(({ id }) => id);
  return vendor === 'verda' ? [...documented, ...inferenceOperations] : documented;
}

async function applyFault(rule: FaultRule, parts: Record<Vendor, VendorParts>): Promise<void> {
  const targets = rule.vendor === undefined ? vendors : [rule.vendor];
  const found = await Promise.all(targets.map((vendor) => parts[vendor].applyFault(rule)));
  if (found.every((count) => count === 0))
    throw new FaultRuleError(`There is no instance "${rule.instance}" to strike.`);
}

function createWorld(options: SimulatorOptions): World {
  const clock = options.clock ?? systemClock;
  const random = createRandom(options.seed ?? 1);
  return {
    clock,
    random,
    faults: new FaultPlan(random.fork('faults')),
    ledger: new LedgerBook(clock),
    network: new Network(),
    bootSeconds: options.bootSeconds ?? 2,
    folder: join(tmpdir(), `gpu-clouds-sim-${randomUUID()}`),
    onInvalidAnswer:
      options.onInvalidAnswer ??
      ((problem) => {
        throw new Error(problem);
      }),
    wait: (seconds) => new Promise((resolve) => clock.after(seconds * 1000, resolve)),
  };
}

function baseUrlOf(vendor: Vendor, server: RunningServer | undefined): string {
  const { baseUrl } = documentOf(vendor);
  if (server === undefined) return baseUrl;
  return `http://127.0.0.1:${server.port}${new URL(baseUrl).pathname.replace(/\/$/, '')}`;
}

function addressesOf(vendor: Vendor, server: RunningServer | undefined, network: Network): Record<string, string> {
  const sshPort = sshPortVariables[vendor];
  return {
    [baseUrlVariables[vendor]]: baseUrlOf(vendor, server),
    ...(sshPort === undefined || !network.isOpen ? {} : { [sshPort]: String(network.sshPort(vendor)) }),
  };
}
