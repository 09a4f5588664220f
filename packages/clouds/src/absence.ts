import type { AccountState } from './account-watch.ts';

/** When "the vendor does not show it" counts as gone. */
export interface AbsenceRules {
  /** Milliseconds for which a vendor's answers may be late or wrong. */
  readonly consistencyWindowMs: number;
  /** Milliseconds that two polls have to be apart to count as two. */
  readonly pollIntervalMs: number;
}

/** What polls have shown of one id. Plain data, changed only by the functions of this file. */
export interface Absence {
  /** The vendor accepted its deletion, or showed it as being deleted. */
  readonly acknowledged: boolean;
  /** The vendor answered, for this id, that it is deleted. */
  readonly confirmed: boolean;
  /** Polls in a row, apart from each other, that did not show it. */
  readonly polls: number;
  /** Milliseconds on the caller's clock: the first of them. */
  readonly since?: number | undefined;
  /** Milliseconds on the caller's clock: the last of them. */
  readonly last?: number | undefined;
  /** The account was suspect at one of these polls. They count for nothing once it is no longer. */
  readonly doubtful?: boolean | undefined;
}

/** How a poll shows an id. `gone`: the vendor answers, for this id, that it is deleted. Undefined: not at all, by list or by id. */
export type Sighting = 'there' | 'deleting' | 'gone' | undefined;

/** What is known of an id before the first poll. */
export const neverAbsent: Absence = { acknowledged: false, confirmed: false, polls: 0 };

/** A poll shows it: what earlier polls did not show was late or wrong. */
export function noteSeen(absence: Absence): Absence {
  return { ...neverAbsent, acknowledged: absence.acknowledged };
}

/**
 * A poll does not show it.
 * @param account Default: `known`.
 */
export function noteMissed(
  absence: Absence,
  now: number,
  { pollIntervalMs }: AbsenceRules,
  account?: AccountState,
): Absence {
  const doubtful = account === 'suspect';
  const counted = absence.doubtful && !doubtful ? noteSeen(absence) : absence;
  const { polls, since = now, last = Number.NEGATIVE_INFINITY } = counted;
  if (now - last < pollIntervalMs) return absence;
  return { ...absence, polls: polls + 1, since, last: now, doubtful: doubtful || undefined };
}

/**
 * Records one poll of an id.
 * @param account Default: `known`.
 */
export function notePoll(
  absence: Absence,
  sighting: Sighting,
  now: number,
  rules: AbsenceRules,
  account?: AccountState,
): Absence {
  if (sighting === 'gone') return { ...absence, confirmed: true };
  if (sighting === undefined) return noteMissed(absence, now, rules, account);
  return { ...noteSeen(absence), acknowledged: absence.acknowledged || sighting === 'deleting' };
}

/**
 * Returns whether the deletion of an id is requested after a poll. One that is not shown may only be late in the vendor's answers, so its
 * deletion is requested until one request is accepted.
 */
export function needsDelete({ acknowledged }: Absence, sighting: Sighting): boolean {
  return sighting === 'there' || (sighting === undefined && !acknowledged);
}

/**
 * Consistency windows for which an unacknowledged id has to stay away, by account. After 20 (half an hour), a suspect account is left to the
 * reaper: its alarm has been raised, and an instance that is shown again has a closed owner.
 */
const windows: Readonly<Record<AccountState, number>> = { known: 1, unknown: 5, suspect: 20 };

/**
 * Returns whether an id is gone. One poll that does not show it is never enough.
 * - Acknowledged: two polls miss it. In a `suspect` account, they also have to last for the consistency window.
 * - Not acknowledged, `known` account: three polls miss it, over the consistency window.
 * - Not acknowledged, `unknown` account, such as one with a single instance: the same over five consistency windows.
 * - Not acknowledged, `suspect` account: the same over 20 consistency windows.
 * @param account Default: `known`.
 */
export function isGone(
  absence: Absence,
  { consistencyWindowMs }: AbsenceRules,
  account: AccountState = 'known',
): boolean {
  const { acknowledged, confirmed, polls, since = 0, last = 0 } = absence;
  if (confirmed) return true;
  if (acknowledged) return polls >= 2 && (account !== 'suspect' || last - since >= consistencyWindowMs);
  return polls >= 3 && last - since >= windows[account] * consistencyWindowMs;
}
