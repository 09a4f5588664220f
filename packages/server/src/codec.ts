import type { z } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { payloads } from './schemas.ts';

type Payloads = z.output<typeof payloads>;

/**
 * Decrypts payloads in Temporal's JSON form with the codec of the client.
 * @throws {CodecKeyError} The key is missing or wrong.
 */
export async function decodePayloads(client: Client, { payloads }: Payloads): Promise<Payloads> {
  let decoded: Payload[] = payloads.map(({ metadata = {}, data = '' }) => ({
    metadata: mapped(metadata, (value) => Buffer.from(value, 'base64')),
    data: Buffer.from(data, 'base64'),
  }));
  // A codec is applied last when a payload is made, so it is undone first.
  const { payloadCodecs } = client.options.loadedDataConverter;
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
  return {
    payloads: decoded.map(({ metadata, data }) => ({
      metadata: mapped(metadata ?? {}, base64),
      data: base64(data ?? new Uint8Array()),
    })),
  };
}

function mapped<T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
