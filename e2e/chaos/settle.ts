import { setTimeout as delay } from 'node:timers/promises';
import { createClouds } from '@gpu-clouds/clouds';
import { isWantedByTemporal, reap, type Sightings } from '@gpu-clouds/jobs';
import { fleet } from './stack.ts';
import type { World } from './world.ts';

/** When so long nothing more goes, what is left is left for good: every run has ended, and all that is to do is to destroy. */
const patienceMs = 150_000;
/** How long a thing has to be unclaimed until the reaper takes it. */
const graceMs = 3000;

/**
 * Waits until every instance's owner has ended, then lets the reaper look until it finds nothing: what is left after that is a leak.
 * @returns what the reaper had to destroy
 */
export async function settle({ stack, door, note }: World): Promise<readonly string[]> {
  const clouds = [...createClouds({ env: stack.env }).clouds.values()];
  const isWanted = isWantedByTemporal(stack.client);
  const reaped: string[] = [];
  let sightings: Sightings = {};
  let least = Number.POSITIVE_INFINITY;
  let deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    await stack.supervise();
    const report = await reap({ clouds, fleet, isWanted, sightings, graceMs });
    sightings = report.sightings;
    reaped.push(...report.destroyed.map(({ key, instanceName }) => `${instanceName} (${key})`));
    for (const { vendor, message } of report.failures) note(`reaper: ${vendor}: ${message}`);
    const nothing =
      report.wanted.length + report.waiting.length + report.destroyed.length + report.failures.length === 0;
    const { left } = await door.ledger();
    const count = left.instances + left.keys + left.volumes + left.jobDeployments;
    if (count < least) deadline = Date.now() + patienceMs;
    least = Math.min(least, count);
    // The lists show nothing: what the ledger has all the same, nobody can find, and waiting does not help.
    if (nothing && count === 0) break;
    if (nothing && (await stillThereAfter(20_000, door))) break;
    note(`settling: ${report.wanted.length} owned, ${report.waiting.length} unclaimed, left ${JSON.stringify(left)}`);
    await delay(1500);
  }
  return reaped;
}

async function stillThereAfter(patienceMs: number, door: World['door']): Promise<boolean> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const { left } = await door.ledger();
    if (left.instances + left.keys + left.volumes + left.jobDeployments === 0) return false;
    await delay(500);
  }
  return true;
}
