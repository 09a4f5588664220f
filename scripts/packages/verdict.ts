/** Result of one part of a check. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

/** Creates a verdict that passes when there are no problems. */
export const none = (problems: readonly string[], text: string): Verdict =>
  problems.length === 0 ? { ok: true, text } : { ok: false, text: problems.join('\n    ') };

/** Runs a part, and prints its result and duration. Returns whether it passed. */
export async function part(name: string, work: () => Promise<Verdict>): Promise<boolean> {
  const start = performance.now();
  const { ok, text } = await work().catch((error) => ({ ok: false, text: String(error.message ?? error) }));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(9)} ${seconds.padStart(5)}s  ${text}`);
  return ok;
}
