import type { EmptyProject } from '../packages/empty-project.ts';
import type { SmokeSetting } from './program.ts';

export interface Stage {
  /** Folder with the published clients and the smoke test. */
  readonly project: EmptyProject;
  /** Folder with the runtimes. */
  readonly runtimes: EmptyProject;
}

/** The outcome of the smoke test in one runtime. */
export type Outcome =
  | { readonly version: string; readonly passed: readonly string[] }
  /** The runtime is not installed. Says how to get it. */
  | { readonly skipped: string };

/** Runs the smoke test in one runtime. Throws if a step fails. */
export type Runtime = (stage: Stage, setting: SmokeSetting) => Promise<Outcome>;
