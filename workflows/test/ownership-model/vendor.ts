import type { Instance } from '@gpu-clouds/clouds/pure';
import type { Sighting } from '../../../packages/clouds/src/absence.ts';
import { breaks, type Machine, nameOf, type State } from './state.ts';

function isHidden({ now, lie }: State, { owner }: Machine): boolean {
  return lie !== undefined && now <= lie.until && (lie.about === 'all' || owner !== undefined);
}

/** What the vendor lists. */
export function listed(state: State): readonly Instance[] {
  return state.machines
    .filter((machine) => machine.listedFrom <= state.now && !isHidden(state, machine))
    .map(({ id, name, state: status }) => ({
      vendor: 'verda',
      id,
      name,
      status: status === 'there' ? 'running' : 'deleting',
      vendorStatus: status,
      volumeIds: [],
    }));
}

/** What the vendor answers for one ID. A list may lag behind it. */
export function sighting(state: State, id: string): Sighting {
  return state.machines.find((machine) => machine.id === id && !isHidden(state, machine))?.state;
}

/** A create takes effect. */
export function create(state: State, owner: number, lag: number, late?: true): State {
  const { nextId, now, machines } = state;
  const made: Machine = {
    id: `i${nextId}`,
    name: nameOf(owner),
    owner,
    listedFrom: now + lag,
    state: 'there',
    late,
  };
  // One that was renamed before its ID was known cannot be found by anyone.
  const twins = machines.filter(
    ({ owner: its, state: shown, name }) => its === owner && shown === 'there' && name === nameOf(owner),
  );
  const after = { ...state, nextId: nextId + 1, machines: [...machines, made] };
  return twins.length > 0 && state.owners[owner]?.late === undefined ? breaks(after, 'no double') : after;
}

/** A delete arrives. `accepted` is what the vendor answers. */
export function remove(
  state: State,
  id: string,
  returns?: true,
): { readonly state: State; readonly accepted: boolean } {
  const machine = state.machines.find((one) => one.id === id);
  if (machine === undefined || isHidden(state, machine)) return { state, accepted: false };
  const machines = state.machines.map((one): Machine => (one.id === id ? { ...one, state: 'deleting', returns } : one));
  const after = { ...state, machines };
  return {
    state: machine.owner === undefined ? breaks(after, 'somebody else’s instance was destroyed') : after,
    accepted: true,
  };
}

/** One tick passes. What no longer matters is forgotten. */
export function tick(state: State): State {
  const now = state.now + 1;
  const machines = state.machines.flatMap((machine): Machine[] => {
    if (machine.state === 'there')
      return [machine.listedFrom > 0 && machine.listedFrom <= now ? { ...machine, listedFrom: 0 } : machine];
    return machine.returns ? [{ ...machine, state: 'there', returns: undefined }] : [];
  });
  const { lie } = state;
  return {
    ...state,
    now,
    machines,
    owners: state.owners.map((owner) => (owner.polledAt === undefined ? owner : { ...owner, polledAt: undefined })),
    lie: lie && lie.until >= now ? lie : undefined,
  };
}
