/** Why a step ended without an exit code, as far as the instance knows. */
export type VanishReason = 'rebooted' | 'out-of-memory' | 'killed';

/** How a followed step ended: by itself, with something else in the place of its exit code, or with what watched it on the instance. */
export type StepEnd =
  | { readonly ended: 'exit'; readonly code: number }
  | { readonly ended: 'no-code'; readonly said: string }
  | {
      readonly ended: 'vanished';
      readonly reason: VanishReason;
      /** The kernel's own line about it. Empty if there is none, or the user may not read it. */
      readonly kernelSays: string;
    };

/**
 * Reads the last line of the follower. Whatever runs there can write anything into the file of the exit code.
 * @returns Undefined for a line that is no verdict.
 */
export function readStepEnd(verdict: string): StepEnd | undefined {
  const [, kind, said = ''] = /^(exit|rebooted|out-of-memory|killed) \[(.*)\]$/s.exec(verdict) ?? [];
  if (kind === 'rebooted' || kind === 'out-of-memory' || kind === 'killed') {
    return { ended: 'vanished', reason: kind, kernelSays: said };
  }
  if (kind === undefined) return undefined;
  const code = /^\d{1,3}$/.test(said) ? Number(said) : Number.NaN;
  return code <= 255 ? { ended: 'exit', code } : { ended: 'no-code', said };
}
