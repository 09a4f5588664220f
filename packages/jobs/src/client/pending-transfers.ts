import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { JobTransfer } from '../job-status.ts';
import { firstValue } from './payloads.ts';

const count = z.number().min(0);
const heartbeat = z.object({
  transfer: z.object({ files: count, totalFiles: count, bytes: count, totalBytes: count.optional() }),
});

/** Returns how far the transfers of a run are, as its activities last said with a heartbeat. No history has it. */
export async function pendingTransfers(
  client: Client,
  { raw }: WorkflowExecutionDescription,
): Promise<JobTransfer | undefined> {
  const each = (raw.pendingActivities ?? []).map(async ({ heartbeatDetails }) => {
    // What a worker with other keys or of another version wrote is no reason to fail.
    const details = await firstValue<unknown>(client, heartbeatDetails?.payloads).catch(() => undefined);
    const { data } = heartbeat.safeParse(details);
    return data?.transfer;
  });
  const transfers = (await Promise.all(each)).filter((transfer) => transfer !== undefined);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const totals = transfers.flatMap(({ totalBytes }) => totalBytes ?? []);
  if (transfers.length === 0) return undefined;
  return {
    files: sum(transfers.map(({ files }) => files)),
    totalFiles: sum(transfers.map(({ totalFiles }) => totalFiles)),
    bytes: sum(transfers.map(({ bytes }) => bytes)),
    totalBytes: totals.length === transfers.length ? sum(totals) : undefined,
  };
}
