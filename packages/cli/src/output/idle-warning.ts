import type { LeaseSummary } from '@gpu-clouds/jobs';
import { elapsed } from './format.ts';

/** Returns a sentence about a lease that is released soon because nobody uses it, and how to keep it. */
export function idleWarning({ name, idle, endedAt }: LeaseSummary): readonly string[] {
  if (idle === undefined || endedAt !== undefined) return [];
  const now = Date.now();
  const unused = elapsed(Math.max(0, now - Date.parse(idle.since)));
  const left = elapsed(Math.max(0, Date.parse(idle.releasedAt) - now));
  return [`Nobody has used ${name} for ${unused}: it is released in ${left}. Keep it: gpu-clouds extend ${name} 1h`];
}
