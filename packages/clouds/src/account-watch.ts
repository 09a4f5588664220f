/**
 * What the latest list says about the account behind the credentials.
 * `known`: the list shows an instance that an earlier list showed.
 * `unknown`: there is nothing to compare with, as in an account with one instance or none.
 * `suspect`: at least two instances vanished at once. The vendor's answers may be wrong, or the credentials may be another account's.
 */
export type AccountState = 'known' | 'unknown' | 'suspect';

/** What the lists of one account have shown. Plain data, changed only by {@link noteList} and {@link noteReleased}. */
export interface AccountView {
  readonly state: AccountState;
  /** Ids that the next list should show. */
  readonly expected: readonly string[];
  /** Ids of new instances that no list has shown yet. */
  readonly created: readonly string[];
  /** Listed ids whose deletion was accepted: a list without them is no surprise. */
  readonly released: readonly string[];
}

/** An account before its first list. */
export const unseenAccount: AccountView = { state: 'unknown', expected: [], created: [], released: [] };

/** Records a list of the account's instances. A suspect account becomes known again once a list shows an expected or new instance. */
export function noteList(view: AccountView, listed: readonly string[]): AccountView {
  const shown = [...view.expected, ...view.created].some((id) => listed.includes(id));
  const vanished = !shown && view.expected.length > 0;
  if (vanished && (view.expected.length > 1 || view.state === 'suspect')) return { ...view, state: 'suspect' };
  const released = view.released.filter((id) => listed.includes(id));
  const created = view.created.filter((id) => !listed.includes(id));
  const expected = listed.filter((id) => !released.includes(id));
  return { state: shown ? 'known' : 'unknown', expected, created, released };
}

/** Records a new instance. A list that shows it is the account's own. A list without it may lag behind, and says nothing. */
export function noteCreated(view: AccountView, id: string): AccountView {
  return { ...view, created: [...view.created, id] };
}

/** Records that the end of an instance is expected. */
export function noteReleased(view: AccountView, id: string): AccountView {
  const expected = view.expected.filter((other) => other !== id);
  return { ...view, expected, released: view.released.includes(id) ? view.released : [...view.released, id] };
}

/** Watches the lists of one account. Share one between the poller and the teardowns of an account: the more lists, the earlier the alarm. */
export class AccountWatch {
  #view = unseenAccount;

  /** What the latest list says about the account. */
  get state(): AccountState {
    return this.#view.state;
  }

  /** Call it with the ids of each complete list of the account's instances. */
  listed(ids: readonly string[]): void {
    this.#view = noteList(this.#view, ids);
  }

  /** Call it when the vendor has created an instance: a list that shows it is the account's own. */
  created(id: string): void {
    this.#view = noteCreated(this.#view, id);
  }

  /** Call it when the vendor has accepted the deletion of an instance, or shows it as deleted. */
  released(id: string): void {
    this.#view = noteReleased(this.#view, id);
  }
}
