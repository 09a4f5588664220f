import { setTimeout as delay } from 'node:timers/promises';
import { createClouds } from '@gpu-clouds/clouds';
import { isWantedByTemporal, reap, type Sightings } from '@gpu-clouds/workflows';
import { deployment } from './stack.ts';
import { patienceMs, type World } from './world.ts';

/** How long a thing has to be unclaimed until the reaper takes it. */
const graceMs = 3000;

/**
 * Waits until every machine's owner has ended, then lets the reaper look until it finds nothing: what is left after that is a leak.
 * @returns what the reaper had to destroy
 */
export async function settle({ stack, door, note }: World): Promise<readonly string[]> {
  const deadline = Date.now() + patienceMs;
  const clouds = [...createClouds({ env: stack.env }).clouds.values()];
  const isWanted = isWantedByTemporal(stack.client);
  const reaped: string[] = [];
  let sightings: Sightings = {};
  while (Date.now() < deadline) {
    await stack.supervise();
    const report = await reap({ clouds, deployment, isWanted, sightings, graceMs });
    sightings = report.sightings;
    reaped.push(...report.destroyed.map(({ key, label }) => `${label} (${key})`));
    for (const { vendor, message } of report.failures) note(`reaper: ${vendor}: ${message}`);
    const nothing =
      report.wanted.length + report.waiting.length + report.destroyed.length + report.failures.length === 0;
    const { left } = await door.ledger();
    // The lists show nothing: what the ledger has all the same, nobody can find, and waiting does not help.
    if (nothing && left.instances + left.keys + left.volumes === 0) break;
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
    if (left.instances + left.keys + left.volumes === 0) return false;
    await delay(500);
  }
  return true;
}
