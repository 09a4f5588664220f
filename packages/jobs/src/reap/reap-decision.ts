import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { OwnerState } from './owner-state.ts';

/** Why something is an orphan: its owner is gone, should already have destroyed it, or its deadline is over. */
export type OrphanReason = 'unowned' | 'over-cap' | 'overdue';

/** Why something needs a person's attention, and is kept. */
export type AlarmReason = 'owner-not-found' | 'overdue-in-unknown-fleet';

/** What to do with one listed thing. `wait`: it is an orphan that may still turn out to have an owner. */
export type ReapDecision =
  | { readonly action: 'keep' }
  | { readonly action: 'alarm'; readonly why: AlarmReason }
  | { readonly action: 'wait' | 'destroy'; readonly why: OrphanReason };

/** What is known about one listed thing that has an instance name. */
export interface ReapFacts {
  /** Says which fleet it belongs to, and by when it must be gone. */
  readonly instanceName: string;
  /** Undefined if the owner was not or could not be looked up. */
  readonly owner: OwnerState | undefined;
  /** Milliseconds since the epoch when an earlier run found it to be an orphan. Undefined if the previous run did not. */
  readonly orphanSince: number | undefined;
}

/** The circumstances of one run of the reaper. */
export interface ReapRules {
  /** The fleet that is cleaned up. Nothing of another fleet is destroyed. */
  readonly fleet: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether `now` can be relied on: this machine's clock agrees with the vendor's. */
  readonly clockAgrees: boolean;
  /** Grace period in milliseconds. */
  readonly graceMs: number;
  /** Whether orphans are destroyed without a grace period. */
  readonly force: boolean;
}

/**
 * Decides what to do with one listed thing. After its deadline and the grace period, it is destroyed whatever Temporal knows. Before, only
 * if its owner has closed or is past its cap, on two runs in a row. An owner that Temporal does not know proves nothing: the database may
 * be a restored copy, or the thing another installation's.
 */
export function decide({ instanceName, owner, orphanSince }: ReapFacts, rules: ReapRules): ReapDecision {
  const { now, clockAgrees, graceMs, force } = rules;
  const { fleet, deadline } = parseInstanceName(instanceName) ?? {};
  if (fleet === undefined) return { action: 'keep' };
  const overdue = clockAgrees && deadline !== undefined && now >= deadline + (force ? 0 : graceMs);
  if (fleet !== rules.fleet) return overdue ? { action: 'alarm', why: 'overdue-in-unknown-fleet' } : { action: 'keep' };
  if (overdue) return { action: 'destroy', why: 'overdue' };
  if (owner === undefined || owner === 'running') return { action: 'keep' };
  if (owner === 'not-found') return { action: 'alarm', why: 'owner-not-found' };
  const why = owner === 'over-cap' ? 'over-cap' : 'unowned';
  const due = force || (orphanSince !== undefined && now - orphanSince >= graceMs);
  return { action: due ? 'destroy' : 'wait', why };
}
