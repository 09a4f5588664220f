import type { JobTransfer } from '../job-status.ts';
import type { TemporalReader, WorkflowDescription } from '../reader/temporal-reader.ts';
import { firstValue } from './payloads.ts';

/** Returns how far the transfers of a run are, as its activities last said with a heartbeat. No history has it. */
export async function pendingTransfers(
  client: TemporalReader,
  { raw }: WorkflowDescription,
): Promise<JobTransfer | undefined> {
  const { pendingActivities } = raw;
  if (!pendingActivities?.length) return undefined;
  // A list of runs without activities starts faster without the schema.
  const { transferHeartbeat } = await import('./transfer-heartbeat.ts');
  const each = pendingActivities.map(async ({ heartbeatDetails }) => {
    // What a worker with other keys or of another version wrote is no reason to fail.
    const details = await firstValue<unknown>(client, heartbeatDetails?.payloads).catch(() => undefined);
    const { data } = transferHeartbeat.safeParse(details);
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
