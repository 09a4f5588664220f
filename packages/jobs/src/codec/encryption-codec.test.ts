import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { parseCodecKeys } from './codec-keys.ts';
import { dataConverterFromEnv } from './data-converter.ts';
import { encryptionCodec } from './encryption-codec.ts';

const keyText = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const old = `2025:${keyText(1)}`;
const recent = `2026:${keyText(2)}`;
const codec = (text: string) => encryptionCodec(parseCodecKeys(text));
const payload = defaultPayloadConverter.toPayload({ env: 'planted' });

it('a payload comes back as it was, and nothing of it shows on the way', async () => {
  const [encrypted] = await codec(recent).encode([payload]);
  expect(Buffer.from(encrypted?.data ?? []).toString('latin1')).not.toContain('planted');
  expect(Buffer.from(encrypted?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
  const [decrypted] = await codec(recent).decode(encrypted === undefined ? [] : [encrypted]);
  expect(decrypted === undefined ? undefined : defaultPayloadConverter.fromPayload(decrypted)).toEqual({
    env: 'planted',
  });
});

it('the same payload never looks the same twice', async () => {
  const [first, second] = await codec(recent).encode([payload, payload]);
  expect(first?.data).not.toEqual(second?.data);
});

it('after a rotation the new key encrypts and the old one still decrypts', async () => {
  const before = await codec(old).encode([payload]);
  const rotated = codec(`${recent},${old}`);
  const [after] = await rotated.encode([payload]);
  expect(Buffer.from(after?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026');
  expect(Buffer.from((await rotated.decode(before))[0]?.data ?? [])).toEqual(Buffer.from(payload.data ?? []));
  await expect(codec(recent).decode(before)).rejects.toThrow('"2025", which is not among');
});

it('what was written before the codec was turned on is read as it is', async () => {
  expect(await codec(recent).decode([payload])).toEqual([payload]);
});

it.each([0, 12, -1])('a payload whose byte %i was changed does not open', async (at) => {
  const [encrypted] = await codec(recent).encode([payload]);
  const data = Buffer.from(encrypted?.data ?? []);
  const index = at < 0 ? data.length + at : at;
  data[index] = (data[index] ?? 0) ^ 1;
  await expect(codec(recent).decode([{ ...encrypted, data }])).rejects.toThrow('does not open with');
});

it.each([
  ['without a key', '2026', 'id:base64'],
  ['that end in a comma', `2026:${keyText(1)},`, 'Key 2'],
  ['with a blank in an id', `a b:${keyText(1)}`, 'no usable id'],
  ['that are too short', '2026:c2hvcnQ=', '5 bytes instead of 32'],
  ['that share an id', `2026:${keyText(1)},2026:${keyText(2)}`, 'two keys "2026"'],
])('keys %s are refused with a sentence', (_what, text, sentence) => {
  expect(() => dataConverterFromEnv({ GPU_CLOUDS_CODEC_KEYS: text })).toThrow(sentence);
});

it('a refusal does not repeat the key', () => {
  const text = `2026:${keyText(7)}:x`;
  expect(() => parseCodecKeys(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('Bwc') }));
});

it.each([{}, { GPU_CLOUDS_CODEC_KEYS: ' ' }])(
  'without keys in the environment nothing is encrypted, and what is so is refused: %j',
  async (env) => {
    const [clear] = dataConverterFromEnv(env).payloadCodecs ?? [];
    expect(await clear?.encode([payload])).toEqual([payload]);
    expect(await clear?.decode([payload])).toEqual([payload]);
    await expect(clear?.decode(await codec(recent).encode([payload]))).rejects.toThrow(
      'is encrypted with the key "2026": set GPU_CLOUDS_CODEC_KEYS as the workers have it.',
    );
  },
);
