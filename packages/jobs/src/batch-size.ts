import type { BatchOrder } from './batch-status.ts';

/** Temporal takes 2 MiB in one payload, and 4 MiB in one message; codec and metadata need some of it. */
const [mostOfPayload, mostOfMessage] = [1_900_000, 3_500_000];
/** Of one item's result in JSON, its message cut short. */
const mostOfResult = 300;

/** Bytes of a value in JSON, as Temporal gets it. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** Parts that a batch is shared out to: no part without a place in the window. */
export function partCount({ items, partSize, window }: Pick<BatchOrder, 'items' | 'partSize' | 'window'>): number {
  return Math.min(Math.ceil(items.length / partSize), window);
}

/**
 * Whether Temporal takes all that the batch will ever send it: its own input, the parts' inputs, which are sent together, each with the
 * job, and what a part carries along when it continues as new: items that wait, and results of those that have ended.
 */
export function fitsTemporal(order: BatchOrder): boolean {
  const parts = partCount(order);
  const job = jsonBytes(order.job);
  const items = order.items.map((item) => jsonBytes(item));
  const carried = Array.from({ length: parts }, () => job);
  for (const [index, bytes] of items.entries()) {
    const part = index % parts;
    carried[part] = (carried[part] ?? 0) + Math.max(bytes, mostOfResult);
  }
  const all = items.reduce((sum, bytes) => sum + bytes, 0);
  return job + all <= mostOfPayload && parts * job + all <= mostOfMessage && Math.max(...carried) <= mostOfPayload;
}
