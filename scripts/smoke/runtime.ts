import type { EmptyProject } from '../packages/empty-project.ts';
import type { SmokeSetting } from './program.ts';

export interface Stage {
  /** Where the published clients and the smoke test are. */
  readonly project: EmptyProject;
  /** Where the runtimes are. */
  readonly runtimes: EmptyProject;
}

/** What a runtime made of the smoke test. */
export type Outcome =
  | { readonly version: string; readonly passed: readonly string[] }
  /** The runtime is not on this machine; how to get it. */
  | { readonly skipped: string };

/** Runs the smoke test in one runtime. Throws when a step fails. */
export type Runtime = (stage: Stage, setting: SmokeSetting) => Promise<Outcome>;
