import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createClouds, ownerIdOf } from '@gpu-clouds/clouds';
import { startDevServer } from '@gpu-clouds/dev';
import { type FindOwners, type Orphan, type OrphansSince, ownersInTemporal, reap } from '@gpu-clouds/jobs';
import { mustEndByMemo } from '@gpu-clouds/jobs/contract';
import { Client, Connection } from '@temporalio/client';
import type { Action } from './faults/fault.ts';
import { workerCount } from './faults/process-faults.ts';
import { fleet } from './stack.ts';
import type { World } from './world.ts';

/** Grace period of the reapers that run while a fault lasts. */
const graceMs = 3000;

/** Injects a system fault. Resolves when it is over. */
export async function inject(action: Action, world: World): Promise<void> {
  const { stack, control } = world;
  switch (action.what) {
    case 'vendor':
      await control.addFaults(action.rules);
      return;
    case 'server-kill':
      return stack.killServer(action.awayMs);
    case 'temporal-away':
      return awayWithReaper(action.awayMs, world);
    case 'temporal-clone':
      return reapFromClone(action.forMs, world);
    case 'worker-kill':
      return stack.replaceWorker(action.worker, 'SIGKILL', action.awayMs);
    case 'worker-deploy':
      return stack.replaceWorker(action.worker, 'SIGTERM', action.awayMs);
    case 'clock-skew':
      return stack.replaceWorker(action.worker, 'SIGTERM', 0, {
        CHAOS_CLOCK_OFFSET_MS: String(action.hours * 3_600_000),
      });
    case 'secret-rotated':
      return rotateSecret(world);
    case 'worker-disk-full':
      return fillDisk(action.forMs, world);
  }
}

/** Temporal is away for longer than any cap. Meanwhile `gpu-clouds reap` runs without it, as from cron. */
async function awayWithReaper(awayMs: number, world: World): Promise<void> {
  const away = world.stack.killServer(awayMs, { reaperRuns: true });
  await reapWhile(away, world, undefined);
  await away;
}

/** The database is restored beside the original, and the reaper of the copy sees the same accounts. */
async function reapFromClone(forMs: number, world: World): Promise<void> {
  const file = join(world.stack.home, 'clone.db');
  const original = new DatabaseSync(world.stack.databaseFile, {
    readOnly: true,
    enableDoubleQuotedStringLiterals: true,
  });
  original.prepare('VACUUM INTO ?').run(file);
  original.close();
  const server = await startDevServer({ dbFile: file });
  const connection = Connection.lazy({ address: server.address });
  try {
    await reapWhile(delay(forMs), world, ownersInTemporal(new Client({ connection })));
  } finally {
    await connection.close();
    await server.close();
    await rm(file, { force: true });
  }
}

/** Runs the reaper every two seconds, and notes what it takes from live owners. */
async function reapWhile(lasting: Promise<unknown>, world: World, findOwners: FindOwners | undefined): Promise<void> {
  const clouds = [...createClouds({ env: world.stack.env }).clouds.values()];
  let over = false;
  const end = () => {
    over = true;
  };
  lasting.then(end, end);
  let orphansSince: OrphansSince = {};
  while (!over) {
    const begin = Date.now();
    const report = await reap({ clouds, fleet, findOwners, orphansSince, graceMs });
    orphansSince = report.orphansSince;
    for (const orphan of report.destroyed) {
      world.note(`reaped ${orphan.instanceName} (${orphan.key}): ${orphan.why}`);
      if (orphan.why !== 'overdue' && (await isAlive(orphan, begin, world))) world.reapedAlive.push(orphan);
    }
    await delay(2000);
  }
}

/**
 * Whether the owner still runs, and the execution that started it needs the instance: it had neither ended nor been reset when the reaper began.
 * If the reaper destroyed the instance as past its cap, the owner must not be past it.
 */
async function isAlive({ instanceName, why }: Orphan, begin: number, { stack }: World): Promise<boolean> {
  const { workflow } = stack.client;
  const { status, memo, raw } = await workflow.getHandle(ownerIdOf(instanceName)).describe();
  const mustEndBy = memo?.[mustEndByMemo];
  const isOverCap = why === 'over-cap' && typeof mustEndBy === 'string' && Date.parse(mustEndBy) < Date.now();
  if (status.name !== 'RUNNING' || isOverCap) return false;
  const { workflowId, runId } = raw.workflowExecutionInfo?.parentExecution ?? {};
  if (!workflowId || !runId) return true;
  const parent = await workflow.getHandle(workflowId, runId).describe();
  const hasEnded = parent.status.name !== 'CONTINUED_AS_NEW' && (parent.closeTime?.getTime() ?? begin) < begin;
  return !hasEnded;
}

/** First every worker learns the new secret, then it becomes the one for new instances. */
async function rotateSecret({ stack }: World): Promise<void> {
  const { current, next } = stack.masterSecrets;
  for (const secrets of [`${current},${next}`, `${next},${current}`]) {
    stack.change({ GPU_CLOUDS_MASTER_SECRET: secrets });
    for (let worker = 0; worker < workerCount; worker++) await stack.replaceWorker(worker, 'SIGTERM', 0);
  }
}

/** The workers' run store fails as on a full disk while the file exists. */
async function fillDisk(forMs: number, { stack }: World): Promise<void> {
  await writeFile(stack.diskFullFile, '');
  await delay(forMs);
  await rm(stack.diskFullFile);
}
