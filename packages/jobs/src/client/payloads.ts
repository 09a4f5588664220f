import type { Payload } from '@temporalio/common';
import type { TemporalReader } from '../reader/temporal-reader.ts';

/** Decodes the first of some payloads. Returns undefined if there is none. */
export async function firstValue<T>(
  { options: { loadedDataConverter } }: TemporalReader,
  payloads: readonly Payload[] | null | undefined,
): Promise<T | undefined> {
  let encoded = [...(payloads ?? [])];
  // A codec is applied last when a payload is made, so it is undone first, and several in reverse order.
  for (const codec of loadedDataConverter.payloadCodecs.toReversed()) encoded = await codec.decode(encoded);
  const [first] = encoded;
  return first === undefined ? undefined : loadedDataConverter.payloadConverter.fromPayload<T>(first);
}
