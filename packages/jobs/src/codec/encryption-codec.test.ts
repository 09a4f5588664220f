import { createCipheriv } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { expect, it } from 'vitest';
import { parseCodecKeys } from './codec-keys.ts';
import { dataConverterFromEnv } from './data-converter.ts';
import { encryptionCodec } from './encryption-codec.ts';

const keyText = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const old = `2025:${keyText(1)}`;
const recent = `2026:${keyText(2)}`;
const codec = (text: string) => encryptionCodec(parseCodecKeys(text));
const payload = defaultPayloadConverter.toPayload({ env: 'planted' });

it('the codec encrypts a payload completely and decrypts it unchanged', async () => {
  const [encrypted] = await codec(recent).encode([payload]);
  expect(Buffer.from(encrypted?.data ?? []).toString('latin1')).not.toContain('planted');
  expect(Buffer.from(encrypted?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
  const [decrypted] = await codec(recent).decode(encrypted === undefined ? [] : [encrypted]);
  expect(decrypted === undefined ? undefined : defaultPayloadConverter.fromPayload(decrypted)).toEqual({
    env: 'planted',
  });
});

it('encrypting the same payload twice gives different ciphertexts', async () => {
  const [first, second] = await codec(recent).encode([payload, payload]);
  expect(first?.data).not.toEqual(second?.data);
});

it('after a key rotation the new key encrypts and the old key still decrypts', async () => {
  const before = await codec(old).encode([payload]);
  const rotated = codec(`${recent},${old}`);
  const [after] = await rotated.encode([payload]);
  expect(Buffer.from(after?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026');
  expect(Buffer.from((await rotated.decode(before))[0]?.data ?? [])).toEqual(Buffer.from(payload.data ?? []));
  await expect(codec(recent).decode(before)).rejects.toThrow('"2025", which the codec does not have');
});

it('payloads from before encryption was turned on are read unchanged', async () => {
  expect(await codec(recent).decode([payload])).toEqual([payload]);
});

it.each([0, 12, -1])('the codec refuses a payload whose byte %i was modified', async (at) => {
  const [encrypted] = await codec(recent).encode([payload]);
  const data = Buffer.from(encrypted?.data ?? []);
  const index = at < 0 ? data.length + at : at;
  data[index] = (data[index] ?? 0) ^ 1;
  await expect(codec(recent).decode([{ ...encrypted, data }])).rejects.toThrow('cannot decrypt a payload');
});

it.each([
  ['without the key itself', '2026', 'id:base64'],
  ['with a trailing comma', `2026:${keyText(1)},`, 'Key 2'],
  ['with a space in an id', `a b:${keyText(1)}`, 'an invalid id'],
  ['with a key that is too short', '2026:c2hvcnQ=', '5 bytes instead of 32'],
  ['with the same id twice', `2026:${keyText(1)},2026:${keyText(2)}`, 'two keys with the id "2026"'],
])('GPU_CLOUDS_CODEC_KEYS %s is refused', (_what, text, message) => {
  expect(() => dataConverterFromEnv({ GPU_CLOUDS_CODEC_KEYS: text })).toThrow(message);
});

it('the error for a malformed codec key does not contain the key', () => {
  const text = `2026:${keyText(7)}:x`;
  expect(() => parseCodecKeys(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('Bwc') }));
});

it.each([{}, { GPU_CLOUDS_CODEC_KEYS: ' ' }])(
  'without codec keys in the environment %j nothing is encrypted and encrypted payloads are refused',
  async (env) => {
    const [clear] = dataConverterFromEnv(env).payloadCodecs ?? [];
    expect(await clear?.encode([payload])).toEqual([payload]);
    expect(await clear?.decode([payload])).toEqual([payload]);
    await expect(clear?.decode(await codec(recent).encode([payload]))).rejects.toThrow(
      'is encrypted with the key "2026". Set GPU_CLOUDS_CODEC_KEYS to the same value as on the workers.',
    );
  },
);

it('a strict codec refuses payloads that are not encrypted', async () => {
  const env = { GPU_CLOUDS_CODEC_KEYS: recent, GPU_CLOUDS_CODEC_STRICT: '1' };
  const [strict] = dataConverterFromEnv(env).payloadCodecs ?? [];
  const encrypted = await strict?.encode([payload]);
  expect(Buffer.from((await strict?.decode(encrypted ?? []))?.[0]?.data ?? [])).toEqual(
    Buffer.from(payload.data ?? []),
  );
  await expect(strict?.decode([payload])).rejects.toThrow('A payload is not encrypted, and GPU_CLOUDS_CODEC_STRICT');
});

it('the codec refuses a ciphertext that was made with the same key for another use', async () => {
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const key = Buffer.alloc(32, 2);
  const iv = Buffer.alloc(12, 1);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from('2026') };
  await expect(codec(recent).decode([{ metadata, data }])).rejects.toThrow('cannot decrypt a payload');
});
