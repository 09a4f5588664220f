import type { JobInput } from '@gpu-clouds/jobs';
import type { FaultRule, InstanceFault, Vendor } from '@gpu-clouds/simulators';
import type { SeededRandom } from '../seeded-random.ts';

/** A fault of the whole system. */
export type Action =
  /** Ends a worker with SIGKILL or SIGTERM, and starts another one after `awayMs`. */
  | { readonly what: 'worker-kill' | 'worker-deploy'; readonly worker: number; readonly awayMs: number }
  | { readonly what: 'server-kill' | 'temporal-away'; readonly awayMs: number }
  | { readonly what: 'temporal-clone' | 'worker-disk-full'; readonly forMs: number }
  | { readonly what: 'clock-skew'; readonly worker: number; readonly hours: number }
  | { readonly what: 'secret-rotated' }
  | { readonly what: 'vendor'; readonly rules: readonly FaultRule[] };

/** What happens to one run, or to its instance. */
export type RunAction =
  | { readonly do: 'cancel' | 'terminate' | 'terminate-owner' | 'reset' }
  | { readonly do: 'instance-fault'; readonly rule: Omit<InstanceFault, 'instance'> };

/** When a run is affected. Determined from the simulators' ledger and the evidence, not from the workflows. */
export type Moment = 'started' | 'rented' | 'running' | 'ended';

/** What a job does to its instance, to the worker, or to other runs. */
export interface HostileJob {
  /** Share of the runs, from 0 to 1. */
  readonly share: number;
  /** Shell lines that run just before the command exits, after it has recorded its end. */
  readonly script?: string;
  /** Fields of the job file that replace those of the run's job. */
  readonly fields?: Partial<JobInput>;
  /** Another file that is collected. */
  readonly collects?: string;
  /** True if the stored output is not what the command records. */
  readonly garblesOutput?: true;
  /** Fleet that the job is started for. Default: the fleet of the workers. */
  readonly fleet?: string;
  /** Correct outcomes. Default: those of a job without this fault. */
  readonly outcomes?: readonly string[];
  /** Correct exit codes of the outcome `failed`. */
  readonly exitCode?: number;
  /** True if the job must end before anything is rented for it. */
  readonly rentsNothing?: true;
}

/** What the server of a run's files does. All but `other-bytes` passes, so that the files arrive whole. */
export type FileTrouble = 'slow' | 'cut' | 'unavailable' | 'other-bytes';

/**
 * How one fault class strikes: the whole system, single runs from outside, by what a job does, or by where its files come from. One that
 * declares nothing only changes what chaos sets up.
 */
export interface Fault {
  /** Strikes the whole system: how often per 40 runs, and how. */
  readonly system?: { readonly inForty: number; readonly draw: (random: SeededRandom, vendor: Vendor) => Action };
  /** Strikes single runs. */
  readonly run?: {
    /** Share of the runs, from 0 to 1. */
    readonly share: number;
    readonly at: readonly [Moment, ...Moment[]];
    readonly draw: (random: SeededRandom) => RunAction;
    /** Ends the run. A run has at most one such fault, because nobody could determine which of two came first. */
    readonly endsRun?: true;
  };
  /** Strikes by what a job does. */
  readonly job?: HostileJob;
  /** Strikes runs whose files come from elsewhere. A drill has one run for each. */
  readonly files?: readonly [FileTrouble, ...FileTrouble[]];
  /** A run that it affects may correctly end because no offer worked. `with-others`: only together with other fault classes. */
  readonly costsOffers?: true | 'with-others';
  /** When it strikes the system in a drill, in milliseconds after the runs started. Default: once, soon after. */
  readonly drillsAtMs?: readonly number[];
  /** In a drill, has struck the system before the first run starts: what it changes would otherwise be too late. */
  readonly drillsFirst?: true;
  /** Milliseconds that it lasts, if that is long. */
  readonly lastsMs?: number;
  /** Other outcomes that are correct for a run that it affected: any run, if it strikes the system. */
  readonly explains?: readonly string[];
}
