import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { OwnerState } from '../../../packages/jobs/src/reap/owner-state.ts';
import { workflowNames } from '../../../packages/jobs/src/workflow-api.ts';
import type { Decisions } from './decisions.ts';
import { deadlineTick, fleet, graceTicks, mustEndByTick, neighbor, tickMs, timeOf } from './names.ts';
import { breaks, isWanted, nameOf, type State } from './state.ts';
import { listed, remove } from './vendor.ts';

/** Who runs the reaper: this installation, or one whose Temporal server knows none of the owners, such as a clone of the database. */
export type Reaping = 'own' | 'stranger';

/** One run of the reaper. */
export function reap(state: State, reaping: Reaping, decisions: Decisions): State {
  const now = timeOf(state.now);
  const reaperRules = { fleet, now, clockAgrees: true, graceMs: graceTicks * tickMs, force: false };
  const orphansSince: Record<string, number> = {};
  let world = state;
  for (const { id, name } of listed(state)) {
    if (parseInstanceName(name) === undefined) continue;
    // A stranger has seen everything before.
    const since = reaping === 'own' ? state.orphansSince[id] : state.now - graceTicks;
    const orphanSince = since === undefined ? undefined : timeOf(since);
    const owner = ownerOf(state, name, reaping, decisions);
    const { action } = decisions.decide({ instanceName: name, owner, orphanSince }, reaperRules);
    if (action === 'wait' || action === 'destroy') orphansSince[id] = since ?? state.now;
    if (action === 'destroy') world = destroy(world, id, reaping);
  }
  return reaping === 'own' ? { ...world, orphansSince } : world;
}

function destroy(state: State, id: string, reaping: Reaping): State {
  const machine = state.machines.find((one) => one.id === id);
  const after = remove(state, id).state;
  if (machine?.owner === undefined || state.now >= deadlineTick + graceTicks) return after;
  const wrong =
    reaping === 'stranger' || state.temporalLost || (state.now < mustEndByTick && isWanted(state, machine.owner));
  return wrong ? breaks(after, 'the reaper destroyed an instance in use') : after;
}

/** What Temporal knows of an owner. */
function ownerOf(
  state: State,
  name: string,
  reaping: Reaping,
  { ownerState, haveSameOwner }: Decisions,
): OwnerState | undefined {
  const index = state.owners.findIndex((_, at) => haveSameOwner(nameOf(at), name));
  const now = timeOf(state.now);
  if (reaping === 'stranger' || state.temporalLost) return ownerState(undefined, undefined, now);
  if (name === neighbor) return ownerState({ owns: true, isLive: true }, undefined, now);
  const owner = state.owners[index];
  if (owner === undefined) return ownerState(undefined, undefined, now);
  const isLive = owner.phase !== 'closed' && owner.phase !== 'terminated';
  const mustEndBy = new Date(timeOf(mustEndByTick)).toISOString();
  const knowsOwner = state.run === 'live' && state.now !== state.blinkAt;
  return ownerState(
    { owns: true, isLive, mustEndBy },
    { type: workflowNames.job, isLive: state.run !== 'ended', knowsOwner },
    now,
  );
}
