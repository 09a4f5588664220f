import type { BatchOrder } from './batch-status.ts';

/** Temporal accepts 2 MiB in one payload and 4 MiB in one message. The rest is reserved for the codec and metadata. */
const [maxPayloadBytes, maxMessageBytes] = [1_900_000, 3_500_000];
/** Bytes of one item's result in JSON, with its message cut. */
const maxResultBytes = 300;

/** Returns the size of a value in bytes, as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** Returns why a job is too large for Temporal, or undefined if it is not. */
export function tooLargeForTemporal(job: unknown): string | undefined {
  const bytes = jsonBytes(job);
  if (bytes <= maxPayloadBytes) return undefined;
  const inMb = (size: number) => `${(size / 1e6).toFixed(1)} MB`;
  return `The job has ${inMb(bytes)}, and Temporal accepts ${inMb(maxPayloadBytes)}. Move what is long, such as the command, into a file of files.up.`;
}

/** Returns the number of parts of a batch. It is at most the window, so that each part can run at least one item. */
export function partCount({ items, partSize, window }: Pick<BatchOrder, 'items' | 'partSize' | 'window'>): number {
  return Math.min(Math.ceil(items.length / partSize), window);
}

/**
 * Returns whether a batch fits Temporal's size limits: its own input, the inputs of its parts, which are sent in one message and each
 * contain the job, and what a part carries over when it continues as new (waiting items and results).
 */
export function fitsTemporal(order: BatchOrder): boolean {
  const parts = partCount(order);
  const job = jsonBytes(order.job);
  const items = order.items.map((item) => jsonBytes(item));
  const carried = Array.from({ length: parts }, () => job);
  for (const [index, bytes] of items.entries()) {
    const part = index % parts;
    carried[part] = (carried[part] ?? 0) + Math.max(bytes, maxResultBytes);
  }
  const all = items.reduce((sum, bytes) => sum + bytes, 0);
  return (
    job + all <= maxPayloadBytes && parts * job + all <= maxMessageBytes && Math.max(...carried) <= maxPayloadBytes
  );
}
