import { type Clock, systemClock } from './clock.ts';
import type { OperationIds } from './operation-ids.ts';
import type { Random } from './random.ts';
import type { Vendor } from './vendor.ts';

/** Faults of the HTTP exchange, for any operation. */
export const wireFaults = [
  /** HTTP 500 in the vendor's error format. The request has no effect. */
  'http-500',
  /** HTTP 502 with a gateway's HTML page. The request has no effect. */
  'http-502',
  /** HTTP 503 with a gateway's HTML page. The request has no effect. */
  'http-503',
  /** HTTP 429 with `Retry-After: seconds` (default: 1). The request has no effect. */
  'rate-limit',
  /** The request takes effect `seconds` later (default: 1). */
  'latency',
  /** The request takes effect, then the connection is closed without a response. */
  'lost-response',
  /** The connection is closed before the request takes effect. */
  'refuse',
  /** The vendor's 401, as if the credentials had been replaced. The request has no effect. */
  'unauthorized',
  /** The vendor's 404. The request has no effect. */
  'not-found',
  /** HTTP 200 with the HTML page of a captive portal. The request has no effect. */
  'html',
  /** HTTP 302 to a host that does not exist. The request has no effect. */
  'redirect',
  /** The request takes effect, but the second half of the response body is missing. */
  'truncated',
  /** The request takes effect, and the response body has 512 MiB of spaces, compressed with gzip. */
  'huge',
  /** The request takes effect, and its response body takes `seconds` to arrive (default: 5). */
  'slow',
] as const;

/** Wrong answers about the instances of an account, for `seconds` from the time when the rule is added (default: 10). */
export const viewFaults = [
  /** The list is empty, and every instance is unknown. */
  'empty-list',
  /** The vendor answers for another account: it shows only the instance that was created first. */
  'other-account',
  /** Lists omit instances that were created after the rule was added. */
  'stale-page',
] as const;

/** Faults of a create call and of the instance that it creates. */
export const createFaults = [
  /** The create call fails with the vendor's out-of-capacity error. */
  'out-of-capacity',
  /** The create call fails because the account cannot be charged. */
  'no-funds',
  /** Lists omit the new instance for `seconds` (default: 5). */
  'list-lag',
  /** The order is accepted, then fails instead of booting. */
  'accepted-then-failed',
  /** The vendor preempts the instance `seconds` after boot (default: 5). */
  'preempt',
  /**
   * The instance never boots. It fails after `seconds`; without `seconds`, after the time limit of the vendor, if it
   * has one.
   */
  'never-boots',
  /** SSH closes every connection for `seconds` after boot (default: permanently). */
  'ssh-refuses',
  /** SSH closes the first connection `seconds` after its login (default: 1). */
  'ssh-drop',
  /** The start-up files of the login shell write to stdout and stderr. */
  'shell-noise',
  /** `nvidia-smi` shows one GPU less than the order. */
  'gpu-missing',
  /** `nvidia-smi` prints without end. */
  'gpu-floods',
  /** The instance has neither Docker nor Podman, and packages cannot be installed. */
  'no-container-runtime',
  /** Programs of the instance cannot write files: the disk is full. */
  'disk-full',
  /** The vendor creates a second instance with the same name, `seconds` later (default: 5). */
  'duplicate',
] as const;

/** Faults of a delete call. */
export const deleteFaults = [
  /** The delete call fails and has no effect. */
  'delete-fails',
] as const;

/** All fault kinds. */
export const faultKinds = [
  ...wireFaults,
  ...viewFaults,
  ...createFaults,
  ...deleteFaults,
  ...(['reprice', 'rename', 'reboot'] as const),
] as const;
/** A kind of wrong answer about the instances of an account. */
export type ViewFault = (typeof viewFaults)[number];
/** A kind of fault. The README of this package describes each kind. */
export type FaultKind = (typeof faultKinds)[number];

/** Fault kinds that can be applied to an existing instance. */
export const instanceFaults = [
  'preempt',
  'ssh-refuses',
  'ssh-drop',
  'disk-full',
  'duplicate',
  /** The price is multiplied by `factor` from now on. */
  'reprice',
  /** Somebody renames the instance in the console. */
  'rename',
  /** The instance restarts: its processes are killed, its files stay. */
  'reboot',
] as const satisfies readonly FaultKind[];

/** A fault and the calls to which it applies. Without `probability` and `count`, it applies once. */
export interface CallFault {
  /** The fault to inject. */
  readonly kind: FaultKind;
  /** Vendor whose calls match (default: all vendors). */
  readonly vendor?: Vendor | undefined;
  /** operationId in the vendor's patched document (default: every operation to which the kind applies). */
  readonly operation?: OperationIds[Vendor] | undefined;
  /** Probability from 0 to 1 that the fault applies to a matching call (default: 1). */
  readonly probability?: number | undefined;
  /** Maximum number of times the fault applies (default: 1, or unlimited with a `probability`). */
  readonly count?: number | undefined;
  /** Number of matching calls to skip first (default: 0). */
  readonly after?: number | undefined;
  /** Duration or delay in seconds. Its meaning and default depend on the kind. */
  readonly seconds?: number | undefined;
  /** Only faults of an existing instance name one. */
  readonly instance?: undefined;
}

/** A fault of an existing instance, applied at once. */
export interface InstanceFault {
  /** The fault to inject. */
  readonly kind: (typeof instanceFaults)[number];
  /** Vendor of the instance (default: any). */
  readonly vendor?: Vendor | undefined;
  /** Id or instance name of an existing instance. */
  readonly instance: string;
  /** Duration or delay in seconds. Its meaning and default depend on the kind. */
  readonly seconds?: number | undefined;
  /** Factor of `reprice` (default: 2). */
  readonly factor?: number | undefined;
}

/** A fault of calls, or of one existing instance. */
export type FaultRule = CallFault | InstanceFault;

interface Entry {
  readonly rule: CallFault;
  /** Milliseconds since 1970 when the rule was added. */
  readonly addedAt: number;
  matched: number;
  applied: number;
}

/** The active fault rules and how often each has been applied. */
export class FaultPlan {
  readonly #random: Random;
  readonly #clock: Pick<Clock, 'now'>;
  #entries: Entry[] = [];

  constructor(random: Random, clock: Pick<Clock, 'now'> = systemClock) {
    this.#random = random;
    this.#clock = clock;
  }

  add(...rules: readonly CallFault[]): void {
    for (const rule of rules) this.#entries.push({ rule, addedAt: this.#clock.now(), matched: 0, applied: 0 });
  }

  clear(): void {
    this.#entries = [];
  }

  /** Returns the wrong view of the vendor's instances that applies now, if any. */
  view(vendor: Vendor): { readonly kind: ViewFault; readonly since: number } | undefined {
    for (const { rule, addedAt } of this.#entries) {
      const kind = viewFaults.find((known) => known === rule.kind);
      const lasts = this.#clock.now() < addedAt + (rule.seconds ?? 10) * 1000;
      if (kind !== undefined && lasts && (rule.vendor ?? vendor) === vendor) return { kind, since: addedAt };
    }
    return undefined;
  }

  /**
   * Returns the first rule that applies to this call, if any, and counts the call against the matching rules up to it.
   */
  take(vendor: Vendor, operation: string, kind: FaultKind): CallFault | undefined {
    for (const entry of this.#entries) {
      if (entry.rule.kind === kind && this.#applies(entry, vendor, operation)) return entry.rule;
    }
    return undefined;
  }

  #applies(entry: Entry, vendor: Vendor, operation: string): boolean {
    const { rule } = entry;
    if (rule.vendor !== undefined && rule.vendor !== vendor) return false;
    if (rule.operation !== undefined && rule.operation !== operation) return false;
    entry.matched += 1;
    if (entry.matched <= (rule.after ?? 0)) return false;
    if (entry.applied >= (rule.count ?? (rule.probability === undefined ? 1 : Number.POSITIVE_INFINITY))) return false;
    if (rule.probability !== undefined && this.#random.next() >= rule.probability) return false;
    entry.applied += 1;
    return true;
  }
}
