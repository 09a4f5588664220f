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
}

/** What is known of an id before the first poll. */
export const neverAbsent: Absence = { acknowledged: false, confirmed: false, polls: 0 };

/** A poll shows it: what earlier polls did not show was late or wrong. */
export function noteSeen(absence: Absence): Absence {
  return { ...neverAbsent, acknowledged: absence.acknowledged };
}

/** A poll does not show it. */
export function noteMissed(absence: Absence, now: number, { pollIntervalMs }: AbsenceRules): Absence {
  const { polls, since = now, last } = absence;
  if (last !== undefined && now - last < pollIntervalMs) return absence;
  return { ...absence, polls: polls + 1, since, last: now };
}

/** Absence has to last for the window unless the deletion was acknowledged; then two polls are enough. One poll never is. */
export function isGone(absence: Absence, { consistencyWindowMs }: AbsenceRules): boolean {
  const { acknowledged, confirmed, polls, since = 0, last = 0 } = absence;
  if (confirmed) return true;
  return acknowledged ? polls >= 2 : polls >= 3 && last - since >= consistencyWindowMs;
}
