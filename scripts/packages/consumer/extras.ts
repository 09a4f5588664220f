/** The exports beside the clients: raw clients, waiting, drift detection, mocks, webhooks, logs, the codec and the plugin. */
import assert from 'node:assert/strict';
import { logHooks } from '@gpu-clouds/core/logging';
import { redact } from '@gpu-clouds/core/redact';
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { waitForInstance as waitForGpuAi } from '@gpu-clouds/gpu-ai/waiters';
import { signWebhook, verifyWebhook } from '@gpu-clouds/gpu-ai/webhooks';
import { encryptionCodec, parseCodecKeys } from '@gpu-clouds/jobs/codec';
import { createVerda } from '@gpu-clouds/verda';
import { outOfCapacity, verdaHandlers } from '@gpu-clouds/verda/msw';
import { rawClient } from '@gpu-clouds/verda/raw';
import { type Drift, validated } from '@gpu-clouds/verda/validate';
import { WaitError, waitForInstance } from '@gpu-clouds/verda/waiters';
import { GpuCloudsPlugin } from '@gpu-clouds/workflows/plugin';
import { setupServer } from 'msw/node';

const drifts: Drift[] = [];
const logged: string[] = [];
const verda = createVerda({
  fetch: validated(undefined, { onDrift: (drift) => drifts.push(drift) }),
  hooks: logHooks(({ message }) => logged.push(message)),
});
await verda.listImages();
assert.deepEqual(drifts, []);
const { data: images } = await rawClient(verda).GET('/v1/images');
assert.ok(images?.[0]?.image_type);
assert.match(logged.join('\n'), /verda listImages .* was answered 200/);

const gone = await waitForInstance(verda, '00000000-0000-0000-0000-000000000000', { until: 'gone' });
assert.equal(gone, undefined);
const aborted = waitForGpuAi(createGpuAi(), 'no-such', { signal: AbortSignal.abort() });
await assert.rejects(aborted, (error) => WaitError.isInstance(error) && error.code === 'aborted');

const secret = 'whsec_of_a_newcomer';
const { body, headers } = await signWebhook({ type: 'instance.running' }, { secret });
const request = new Request('https://acme.test/hook', { method: 'POST', body, headers });
await verifyWebhook(request, { secret });

const codec = encryptionCodec(parseCodecKeys(`k1:${Buffer.alloc(32, 7).toString('base64')}`));
const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"a secret"') };
const [encrypted = {}] = await codec.encode([payload]);
assert.doesNotMatch(Buffer.from(encrypted.data ?? []).toString(), /a secret/);
const [decrypted] = await codec.decode([encrypted]);
assert.equal(Buffer.from(decrypted?.data ?? []).toString(), '"a secret"');

const plugin = new GpuCloudsPlugin({ clouds: new Map(), masterSecret: 'sixteen characters' });
assert.equal(plugin.name, '@gpu-clouds/workflows');
assert.deepEqual(redact({ password: 'hunter22' }), { password: '[redacted]' });

const server = setupServer(verdaHandlers.createInstance(outOfCapacity()));
server.listen({ onUnhandledFrame: 'bypass' });
// @ts-expect-error: an id is a text.
verdaHandlers.createInstance({ status: 202, body: 1 });
server.close();
console.log('all of them work');
