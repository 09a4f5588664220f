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

interface Defect {
  /** What is wrong with the product, in a few words. Unique. */
  readonly defect: string;
  readonly edits: readonly Edit[];
}

/** A defect that a drill must notice. */
export interface DrilledMutation extends Defect {
  /** The fault class that brings the defect to light. Default: none, because ordinary runs do. */
  readonly fault?: FaultClass | undefined;
  readonly run?: DrillRun | undefined;
  /** The figure that must not be zero. `leaked` stands for everything that is left. */
  readonly counter: keyof Figures | 'leaked';
  readonly test?: undefined;
}

/** A defect of a part that no drill reaches, such as the command line. A test must notice it. */
export interface TestedMutation extends Defect {
  readonly test: TestFile;
  readonly fault?: undefined;
}

/** Tests of one file. */
export interface TestFile {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Regular expression for the names of the tests. Default: all. */
  readonly name?: string | undefined;
}

/** A defect of the product that the harness must notice. */
export type Mutation = DrilledMutation | TestedMutation;
