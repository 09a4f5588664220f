import { setTimeout as delay } from 'node:timers/promises';
import { createClouds } from '@gpu-clouds/clouds';
import { type Orphan, type OrphansSince, ownersInTemporal, reap } from '@gpu-clouds/jobs';
import { fleet } from './stack.ts';
import type { World } from './world.ts';

/** Grace period of the reaper. */
const graceMs = 3000;

/**
 * Runs the reaper until every owner workflow has ended and the clouds list no resource. Resources that remain after that are leaks.
 * @returns the orphans that the reaper destroyed
 */
export async function settle({ stack, control, note, patience }: World): Promise<readonly Orphan[]> {
  const clouds = [...createClouds({ env: stack.env }).clouds.values()];
  const findOwners = ownersInTemporal(stack.client);
  const reaped: Orphan[] = [];
  let orphansSince: OrphansSince = {};
  let least = Number.POSITIVE_INFINITY;
  let deadline = Date.now() + patience.settleMs;
  while (Date.now() < deadline) {
    await stack.supervise();
    const report = await reap({ clouds, fleet, findOwners, orphansSince, graceMs });
    orphansSince = report.orphansSince;
    reaped.push(...report.destroyed);
    for (const { vendor, message } of report.failures) note(`reaper: ${vendor}: ${message}`);
    const nothing =
      report.wanted.length + report.waiting.length + report.destroyed.length + report.failures.length === 0;
    const { left } = await control.ledger();
    const count = left.instances + left.keys + left.volumes + left.jobDeployments;
    if (count < least) deadline = Date.now() + patience.settleMs;
    least = Math.min(least, count);
    // The lists are empty: nothing can find what the ledger still has, so waiting does not help.
    if (nothing && count === 0) break;
    if (nothing && (await remainsAfter(Math.min(20_000, patience.settleMs / 3), control))) break;
    note(`settling: ${report.wanted.length} owned, ${report.waiting.length} orphaned, left ${JSON.stringify(left)}`);
    await delay(1500);
  }
  return reaped;
}

/** Returns whether the ledger still has resources after `waitMs`. */
async function remainsAfter(waitMs: number, control: World['control']): Promise<boolean> {
  const until = Date.now() + waitMs;
  while (Date.now() < until) {
    const { left } = await control.ledger();
    if (left.instances + left.keys + left.volumes + left.jobDeployments === 0) return false;
    await delay(500);
  }
  return true;
}
