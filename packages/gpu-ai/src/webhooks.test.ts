import { createHmac } from 'node:crypto';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { signWebhook, verifyWebhook, WebhookError, type WebhookEventType } from './webhooks.ts';

const secret = 'f9c1a3'.padEnd(64, '0');
const other = 'another secret';
const now = Date.parse('2026-11-21T12:00:00Z');
const seconds = now / 1000;
const payload = { type: 'instance.running', instance_id: 'gpu-7f3a9c21', note: 'ä €' };

/** The signature as another implementation makes it. */
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest('hex');

function delivery(body: string, signature: string, more: Record<string, string> = { 'Gpuai-Event-Id': 'evt_1' }) {
  return { body, headers: { 'Gpuai-Signature': signature, ...more } };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!WebhookError.isInstance(error)) throw new Error(`expected a WebhookError, got ${String(error)}`);
  expect(error.message).not.toContain(secret);
  return error.code;
}

describe('a signed delivery', () => {
  test('verifyWebhook returns the event of a signed delivery', async () => {
    const signed = await signWebhook(payload, { secret, nowMs: now, eventId: 'evt_1' });
    const event = await verifyWebhook(signed, { secret, nowMs: now });
    expect(event).toEqual({ id: 'evt_1', type: 'instance.running', sentAt: new Date(now), payload });
  });

  test('signWebhook signs with HMAC-SHA256 over timestamp, full stop, and raw body', async () => {
    const { body, headers } = await signWebhook(payload, { secret, nowMs: now });
    expect(headers['Gpuai-Signature']).toBe(`t=${seconds},v1=${hmac(secret, `${seconds}.${body}`)}`);
  });

  test('verifyWebhook accepts a Request, bytes, and lower-case header names', async () => {
    const signed = await signWebhook(payload, { secret, nowMs: now });
    const request = new Request('https://hooks.example.com', { method: 'POST', ...signed });
    const lower = Object.fromEntries(
      Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const bytes = new TextEncoder().encode(`xx${signed.body}`).subarray(2);
    for (const form of [
      request,
      { body: bytes, headers: lower },
      { ...signed, headers: new Headers(signed.headers) },
    ]) {
      expect((await verifyWebhook(form, { secret, nowMs: now })).payload).toEqual(payload);
    }
  });

  test('verifyWebhook accepts a key of the bytes that the hexadecimal secret encodes', async () => {
    const body = JSON.stringify(payload);
    const signature = `t=${seconds},v1=${hmac(Buffer.from(secret, 'hex'), `${seconds}.${body}`)}`;
    expect(await verifyWebhook(delivery(body, signature), { secret, nowMs: now })).toMatchObject({ id: 'evt_1' });
  });

  test('verifyWebhook accepts any match between several signatures and secrets', async () => {
    const signed = await signWebhook(payload, { secret: ['unknown', other], nowMs: now });
    await expect(verifyWebhook(signed, { secret: [secret, other], nowMs: now })).resolves.toBeDefined();
    expect(await codeOf(verifyWebhook(signed, { secret: [secret], nowMs: now }))).toBe('wrong-signature');
  });

  test('verifyWebhook ignores signatures of unknown versions', async () => {
    const body = '{}';
    const signature = `v0=abc, t=${seconds}, v1=${hmac(secret, `${seconds}.${body}`)}, v2=xyz`;
    await expect(verifyWebhook(delivery(body, signature), { secret, nowMs: now })).resolves.toBeDefined();
  });

  test.each([
    [{ event_type: 'instance.failed' }, 'instance.failed'],
    [{ event: 'video.completed' }, 'video.completed'],
    [{ type: 'a-type-of-tomorrow' }, 'a-type-of-tomorrow'],
    [{ type: 7 }, undefined],
    [{}, undefined],
  ])('verifyWebhook reads the body %j as type %s', async (body, type) => {
    expect((await verifyWebhook(await signWebhook(body, { secret, nowMs: now }), { secret, nowMs: now })).type).toBe(
      type,
    );
  });
});

describe('an invalid delivery', () => {
  test.each([
    ['without a signature', '', 'missing-signature'],
    ['without a time', `v1=${'a'.repeat(64)}`, 'malformed-signature'],
    ['with two times', `t=1,t=2,v1=${'a'.repeat(64)}`, 'malformed-signature'],
    ['with a time that is not a number', `t=soon,v1=${'a'.repeat(64)}`, 'malformed-signature'],
    ['with half a signature', `t=${seconds},v1=${'a'.repeat(63)}`, 'malformed-signature'],
    ['with a signature that is not hexadecimal', `t=${seconds},v1=${'g'.repeat(64)}`, 'malformed-signature'],
    ['with an unknown version only', `t=${seconds},v2=${'a'.repeat(64)}`, 'malformed-signature'],
    ['with a wrong signature', `t=${seconds},v1=${'a'.repeat(64)}`, 'wrong-signature'],
  ])('verifyWebhook rejects a delivery %s', async (_, signature, code) => {
    const { headers, body } = delivery('{}', signature);
    const { 'Gpuai-Signature': _signature, ...unsigned } = headers;
    const sent = { body, headers: signature === '' ? unsigned : headers };
    expect(await codeOf(verifyWebhook(sent, { secret, nowMs: now }))).toBe(code);
  });

  test('verifyWebhook rejects a body that was parsed and serialized again', async () => {
    const signed = await signWebhook('{"type": "instance.running"}', { secret, nowMs: now });
    const rewritten = { ...signed, body: JSON.stringify(JSON.parse(signed.body)) };
    expect(await codeOf(verifyWebhook(rewritten, { secret, nowMs: now }))).toBe('wrong-signature');
  });

  test('verifyWebhook rejects a changed time', async () => {
    const signed = await signWebhook(payload, { secret, nowMs: now - 3_600_000 });
    const signature = signed.headers['Gpuai-Signature']?.replace(/t=\d+/, `t=${seconds}`) ?? '';
    expect(await codeOf(verifyWebhook(delivery(signed.body, signature), { secret, nowMs: now }))).toBe(
      'wrong-signature',
    );
  });

  test.each([
    [-300_000, undefined, true],
    [-301_000, undefined, false],
    [300_000, undefined, true],
    [301_000, undefined, false],
    [-301_000, 600, true],
  ])(
    'verifyWebhook of a delivery signed %i ms from now with a tolerance of %s s: %s',
    async (offset, tolerance, fine) => {
      const signed = await signWebhook(payload, { secret, nowMs: now + offset });
      const verified = verifyWebhook(signed, { secret, nowMs: now, toleranceSeconds: tolerance });
      if (fine) await expect(verified).resolves.toBeDefined();
      else expect(await codeOf(verified)).toBe('outside-tolerance');
    },
  );

  test.each(['', '[]', 'null', '"text"', '{'])(
    'verifyWebhook rejects a signed delivery with the body %j',
    async (body) => {
      const signed = await signWebhook(body, { secret, nowMs: now });
      expect(await codeOf(verifyWebhook(signed, { secret, nowMs: now }))).toBe('unreadable');
    },
  );

  test('verifyWebhook rejects a signed delivery without an event id', async () => {
    const { body, headers } = await signWebhook(payload, { secret, nowMs: now });
    const { 'Gpuai-Event-Id': _id, ...without } = headers;
    expect(await codeOf(verifyWebhook({ body, headers: without }, { secret, nowMs: now }))).toBe('unreadable');
  });

  test('verifyWebhook rejects an empty secret', async () => {
    const signed = await signWebhook(payload, { secret, nowMs: now });
    await expect(verifyWebhook(signed, { secret: '', nowMs: now })).rejects.toThrow('secret is empty');
    await expect(verifyWebhook(signed, { secret: [], nowMs: now })).rejects.toThrow('secret is empty');
  });
});

test('WebhookEventType lists the known types and accepts any string', () => {
  expectTypeOf<'an.event.of.tomorrow'>().toExtend<WebhookEventType>();
  expectTypeOf<'instance.running'>().toExtend<WebhookEventType>();
  expectTypeOf<WebhookEventType>().not.toEqualTypeOf<string>();
});
