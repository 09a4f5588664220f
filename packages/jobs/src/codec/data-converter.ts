import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { type CodecKey, parseCodecKeys } from './codec-keys.ts';
import { type CodecOptions, clearCodec, encryptionCodec } from './encryption-codec.ts';

/**
 * Creates a data converter that encrypts what workflows, activities, and clients exchange: inputs, results, signals, queries, memos,
 * summaries, heartbeats, and the messages and stack traces of failures. Ids, types, task queues, times, and search attributes stay
 * unencrypted. All workers and clients of a fleet need the same keys.
 * @throws {CodecKeyError} The keys are invalid.
 */
export function encryptedDataConverter(keys: readonly CodecKey[], options?: CodecOptions): DataConverter {
  return { payloadCodecs: [encryptionCodec(keys, options)], failureConverterPath: failureConverterPath() };
}

/**
 * Creates the data converter that `GPU_CLOUDS_CODEC_KEYS` (`id:base64,id2:base64`) describes. If the variable is unset or empty,
 * nothing is encrypted, and reading an encrypted payload throws a `CodecKeyError`. With `GPU_CLOUDS_CODEC_STRICT=1`, reading an
 * unencrypted payload throws one too.
 * @param env Default: `process.env`.
 * @throws {CodecKeyError} The variable is malformed.
 */
export function dataConverterFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): DataConverter {
  const keys = env.GPU_CLOUDS_CODEC_KEYS?.trim();
  return keys === undefined || keys === ''
    ? { payloadCodecs: [clearCodec] }
    : encryptedDataConverter(parseCodecKeys(keys), { strict: env.GPU_CLOUDS_CODEC_STRICT === '1' });
}

/**
 * Returns the path of the failure converter. Pass it to `bundleWorkflowCode` if you bundle workflows yourself;
 * otherwise the failures of workflows stay unencrypted.
 */
export function failureConverterPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./failure-converter.${extension}`, import.meta.url));
}
