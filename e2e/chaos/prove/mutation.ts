import type { DrillRun } from '../drill.ts';
import type { FaultClass } from '../faults/index.ts';
import type { Figures } from '../judge.ts';

/** One change of the product's sources. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly before: string;
  readonly after: string;
}

/** A defect of the product that the harness must notice. */
export interface Mutation {
  /** What is wrong with the product, in a few words. Unique. */
  readonly defect: string;
  readonly edits: readonly Edit[];
  /** The fault class that brings the defect to light. Default: none, because ordinary runs do. */
  readonly fault?: FaultClass | undefined;
  readonly run?: DrillRun | undefined;
  /** The figure that must not be zero. `leaked` stands for everything that is left. */
  readonly counter: keyof Figures | 'leaked';
}
