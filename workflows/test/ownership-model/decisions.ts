import type { Release } from '@gpu-clouds/jobs/contract';
import { isGone, needsDelete, notePoll } from '../../../packages/clouds/src/absence.ts';
import { noteCreated, noteList, noteReleased } from '../../../packages/clouds/src/account-watch.ts';
import { haveSameOwner } from '../../../packages/clouds/src/instance-name.ts';
import { ownerState } from '../../../packages/jobs/src/reap/owner-state.ts';
import { decide } from '../../../packages/jobs/src/reap/reap-decision.ts';
import { findAdoptable, mayFollowCreate } from '../../src/activities/adoption.ts';
import { Ownership } from '../../src/workflows/ownership.ts';
import { runOf } from './names.ts';

/** Everything that decides about an instance, as the model calls it. A mutation replaces one of them. */
export interface Decisions {
  readonly findAdoptable: typeof findAdoptable;
  readonly mayFollowCreate: typeof mayFollowCreate;
  readonly haveSameOwner: typeof haveSameOwner;
  readonly notePoll: typeof notePoll;
  readonly needsDelete: typeof needsDelete;
  readonly isGone: typeof isGone;
  readonly noteList: typeof noteList;
  readonly noteCreated: typeof noteCreated;
  readonly noteReleased: typeof noteReleased;
  readonly ownerState: typeof ownerState;
  readonly decide: typeof decide;
  /** Whether the owner of this instance heeds a release. */
  readonly heedsRelease: (instanceName: string, release: Release) => boolean;
}

/** What the product runs. */
export const production: Decisions = {
  findAdoptable,
  mayFollowCreate,
  haveSameOwner,
  notePoll,
  needsDelete,
  isGone,
  noteList,
  noteCreated,
  noteReleased,
  ownerState,
  decide,
  heedsRelease: (instanceName, release) => ownershipOf(instanceName).whyNotFrom(release) === undefined,
};

const ownerships = new Map<string, Ownership>();

function ownershipOf(instanceName: string): Ownership {
  const known = ownerships.get(instanceName);
  if (known !== undefined) return known;
  const offer = {
    vendor: 'verda',
    id: 'h100',
    gpu: 'H100',
    gpuCount: 1,
    gpuMemory: 80,
    region: 'FIN-01',
    pricePerHour: 2,
    spot: false,
    native: {},
  } as const;
  const ownership = new Ownership({ instanceName, run: runOf(instanceName), offer, ttlSeconds: 3600 });
  ownerships.set(instanceName, ownership);
  return ownership;
}
