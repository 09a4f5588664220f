import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionCut } from './answer.ts';
import type { CallReport } from './call-report.ts';
import type { CatalogOverrides } from './catalog.ts';
import { type Clock, systemClock } from './clock.ts';
import { controlApp } from './control.ts';
import { documentOf } from './documents.ts';
import { FaultRuleError, readFaultRules } from './fault-rules.ts';
import { FaultPlan, type FaultRule, type InstanceFault } from './faults.ts';
import { type ClientOptions, withClientOptions } from './generated/client-options.ts';
import { createVendors } from './generated/simulators.ts';
import { byVendor } from './generated/vendors.ts';
import { type Ledger, LedgerBook } from './ledger.ts';
import { Network } from './network.ts';
import { createRandom } from './random.ts';
import { type RunningServer, serveOnLoopback } from './server.ts';
import { type Vendor, vendors } from './vendor.ts';
import type { VendorParts } from './vendor-parts.ts';
import type { World } from './world.ts';

/** Options of {@link createSimulators}. */
export interface SimulatorOptions {
  /** Seed of ids, credentials, and fault probabilities (default: 1). */
  readonly seed?: number;
  /** Clock for boot times and billing (default: {@link systemClock}). */
  readonly clock?: Clock;
  /** Fault rules that are active from the start (default: none). */
  readonly faults?: readonly FaultRule[];
  /** Seconds from the create call until an instance runs (default: 2). */
  readonly bootSeconds?: number;
  /** Whether instances accept SSH logins once the simulators listen (default: true). */
  readonly ssh?: boolean;
  /** Overrides of built-in prices and stock. */
  readonly catalog?: CatalogOverrides;
  /**
   * Called with the mismatch when a response of a simulator does not match the vendor's document.
   * The HTTP client gets a 500 with the same message, even if the callback returns.
   */
  readonly onInvalidAnswer?: (problem: string) => void;
  /** Called with each request that gets a response, for example to count creates in a test (default: none). */
  readonly onCall?: (call: CallReport) => void;
}

/** One simulated cloud. See also {@link WithOptions}. */
export interface Simulator {
  /** The simulated vendor. */
  readonly vendor: Vendor;
  /** Base URL for the vendor's client: the local one while the simulators listen, the vendor's real one before. */
  readonly baseUrl: string;
  /** Environment variables for the vendor's client: credentials, base URL, and the SSH port where it is not 22. */
  readonly env: Record<string, string>;
  /**
   * Serves a request without a server. Ignores the host of its URL.
   * @throws TypeError when a fault closes the connection, as `fetch` does
   */
  fetch(request: Request): Promise<Response>;
}

/** What the simulator of a vendor has for the client of this vendor. */
export interface WithOptions<V extends Vendor> {
  /** Options for the vendor's client: `createVerda(simulators.verda.options)` sends its requests to the simulator, without a server. */
  readonly options: ClientOptions[V];
}

/** The address of a listening simulator. */
export interface Endpoint {
  /** Base URL for the vendor's client. */
  readonly baseUrl: string;
  /** Environment variables for the vendor's client: credentials, base URL, and the SSH port where it is not 22. */
  readonly env: Record<string, string>;
}

/** The four simulated clouds by vendor, with their shared faults and ledger. */
export type Simulators = AsyncDisposable & { readonly [V in Vendor]: Simulator & WithOptions<V> } & {
  /**
   * Starts one HTTP server per vendor on 127.0.0.1 and opens SSH.
   * With `portBase`, the ports are `portBase` to `portBase + 3` in the order of {@link vendors} (default: any free ports).
   * @throws PortTakenError when another process uses a port
   */
  listen(options?: { readonly portBase?: number }): Promise<Record<Vendor, Endpoint>>;
  /** Returns a copy of the ledger as of now: all resources and their cost. */
  ledger(): Ledger;
  /** The fault rules of all four clouds. */
  readonly faults: {
    /**
     * Adds fault rules. A rule with an `instance` is applied to that instance at once and not kept.
     * @throws FaultRuleError when a rule is invalid or its instance does not exist
     */
    add(...rules: readonly FaultRule[]): Promise<void>;
    /** Removes all rules. Faults already applied are not undone. */
    clear(): void;
  };
  /** Stops the servers, ends every instance, and removes their files. `await using` does the same at the end of the block. */
  close(): Promise<void>;
};

/**
 * Creates simulators of the four clouds that share a clock, a seed, fault rules, and a ledger. Nothing listens before `listen`.
 * @throws FaultRuleError when a rule of `options.faults` is invalid
 * @throws Error when `options.catalog` names an unknown product
 */
export function createSimulators(options: SimulatorOptions = {}): Simulators {
  const world = createWorld(options);
  const catalog = options.catalog ?? {};
  const parts = byVendor((vendor) => createVendors[vendor](world, catalog));
  const add = async (rules: readonly FaultRule[]): Promise<void> => {
    for (const rule of rules) {
      if (rule.instance === undefined) world.faults.add(rule);
      else await applyFault(rule, parts);
    }
  };
  const read = (json: unknown) => readFaultRules(json, operationsOf);
  for (const rule of read(options.faults ?? [])) {
    if (rule.instance !== undefined) throw new FaultRuleError('No instance exists yet: add this rule later.');
    world.faults.add(rule);
  }
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
      return {
        ...parts[vendor].credentials(),
        ...addressesOf(vendor, parts[vendor], servers.get(vendor), world.network),
      };
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
  const simulators = withClientOptions(byVendor(simulator));
  const close = async () => {
    await Promise.all([...servers.values()].map((server) => server.close()));
    servers.clear();
    await Promise.all(vendors.map((vendor) => parts[vendor].store.close()));
    await world.network.close();
    await rm(world.folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    ...simulators,
    async listen({ portBase } = {}) {
      if (options.ssh !== false) {
        await mkdir(world.folder, { mode: 0o700, recursive: true });
        await world.network.open(vendors.filter((vendor) => parts[vendor].ownAddresses));
      }
      for (const vendor of vendors) await parts[vendor].open?.();
      for (const [index, vendor] of vendors.entries()) {
        servers.set(
          vendor,
          await serveOnLoopback((request) => answer(vendor, request), portBase === undefined ? 0 : portBase + index),
        );
      }
      return byVendor((vendor): Endpoint => ({ baseUrl: simulators[vendor].baseUrl, env: simulators[vendor].env }));
    },
    ledger: () => world.ledger.report(),
    faults: { add: (...rules) => add(read(rules)), clear: () => world.faults.clear() },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Returns the operationIds that a fault rule can name. */
function operationsOf(vendor: Vendor): readonly string[] {
  return documentOf(vendor).operations.map(({ id }) => id);
}

async function applyFault(rule: InstanceFault, parts: Record<Vendor, VendorParts>): Promise<void> {
  const targets = rule.vendor === undefined ? vendors : [rule.vendor];
  const found = await Promise.all(targets.map((vendor) => parts[vendor].store.applyFault(rule)));
  if (found.every((count) => count === 0))
    throw new FaultRuleError(
      `Unknown instance "${rule.instance}". Set "instance" to the id or instance name of an existing instance.`,
    );
}

function createWorld(options: SimulatorOptions): World {
  const clock = options.clock ?? systemClock;
  const random = createRandom(options.seed ?? 1);
  return {
    clock,
    random,
    faults: new FaultPlan(random.fork('faults'), clock),
    ledger: new LedgerBook(clock),
    network: new Network(),
    bootSeconds: options.bootSeconds ?? 2,
    folder: join(tmpdir(), `gpu-clouds-sim-${randomUUID()}`),
    onInvalidAnswer:
      options.onInvalidAnswer ??
      ((problem) => {
        throw new Error(problem);
      }),
    onCall: options.onCall ?? (() => {}),
    wait: (seconds) => new Promise((resolve) => clock.after(seconds * 1000, resolve)),
  };
}

function baseUrlOf(vendor: Vendor, server: RunningServer | undefined): string {
  const { baseUrl } = documentOf(vendor);
  if (server === undefined) return baseUrl;
  return `http://127.0.0.1:${server.port}${new URL(baseUrl).pathname.replace(/\/$/, '')}`;
}

/** Returns the variables that tell the vendor's client where the simulator and its instances answer. */
function addressesOf(
  vendor: Vendor,
  { ownAddresses }: VendorParts,
  server: RunningServer | undefined,
  network: Network,
): Record<string, string> {
  const prefix = vendor.toUpperCase().replaceAll('-', '_');
  const variables = { [`${prefix}_BASE_URL`]: baseUrlOf(vendor, server) };
  if (ownAddresses && network.isOpen) variables[`${prefix}_SSH_PORT`] = String(network.sshPort(vendor));
  return variables;
}
