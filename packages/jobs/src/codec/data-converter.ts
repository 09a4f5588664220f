import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { type CodecKey, parseCodecKeys } from './codec-keys.ts';
import { clearCodec, encryptionCodec } from './encryption-codec.ts';

/**
 * Encrypts all that workflows, activities and clients exchange: inputs, results, signals, queries, memos, summaries, heartbeats, and the
 * messages and stacks of failures. In clear stay ids, types, task queues, times and search attributes. Workers and clients of a
 * fleet need the same keys.
 * @throws CodecKeyError
 */
export function encryptedDataConverter(keys: readonly CodecKey[]): DataConverter {
  return { payloadCodecs: [encryptionCodec(keys)], failureConverterPath: failureConverterPath() };
}

/**
 * The data converter of `GPU_CLOUDS_CODEC_KEYS` (`id:base64,id2:base64`); without that variable nothing is encrypted,
 * and what others have encrypted is refused with a sentence.
 * @throws CodecKeyError
 */
export function dataConverterFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): DataConverter {
  const keys = env.GPU_CLOUDS_CODEC_KEYS?.trim();
  return keys === undefined || keys === ''
    ? { payloadCodecs: [clearCodec] }
    : encryptedDataConverter(parseCodecKeys(keys));
}

/** For a bundle of one's own: `bundleWorkflowCode` needs it, or the failures of workflows stay in clear. */
export function failureConverterPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./failure-converter.${extension}`, import.meta.url));
}
