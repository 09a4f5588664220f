import { workflowNames } from '../workflow-api.ts';

/**
 * What Temporal knows about the owner of an instance. `over-cap`: it is running, but should already have destroyed the instance.
 * `not-found`: no workflow of this ID owns instances. It may be another Temporal server's, or its history may be deleted.
 */
export type OwnerState = 'running' | 'over-cap' | 'closed' | 'not-found';

/** What Temporal reports about the workflow with an owner's ID. */
export interface OwnerFacts {
  /** Whether a workflow of this type owns what it creates. */
  readonly owns: boolean;
  readonly isLive: boolean;
  /** ISO 8601. When it must have destroyed the instance, by its own account. */
  readonly mustEndBy?: string | undefined;
}

/** What Temporal reports about the workflow that started the owner. */
export interface ParentFacts {
  /** The workflow type. */
  readonly type: string;
  readonly isLive: boolean;
  /** Whether the owner is one of its children. A run that is reset to a point before the create does not know its owner any more. */
  readonly knowsOwner: boolean;
}

/**
 * Returns the state of an owner.
 * @param owner Undefined if there is no workflow of this ID.
 * @param parent Undefined if nothing started the owner, or if Temporal does not know the parent.
 * @param now Milliseconds since the epoch.
 */
export function ownerState(owner: OwnerFacts | undefined, parent: ParentFacts | undefined, now: number): OwnerState {
  if (owner === undefined || !owner.owns) return 'not-found';
  if (!owner.isLive) return 'closed';
  if (owner.mustEndBy !== undefined && Date.parse(owner.mustEndBy) < now) return 'over-cap';
  return isAbandoned(parent) ? 'closed' : 'running';
}

/** Nothing will release the instance of a run that has ended, or has forgotten it. Other programs may want theirs to outlive them. */
function isAbandoned(parent: ParentFacts | undefined): boolean {
  if (parent?.type !== workflowNames.job) return false;
  return !parent.isLive || !parent.knowsOwner;
}
