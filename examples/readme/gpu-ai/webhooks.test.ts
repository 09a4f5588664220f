import { signWebhook } from '@gpu-clouds/gpu-ai/webhooks';
import { expect, test } from 'vitest';
import { receive } from './webhooks.ts';

test('a delivery that GPU.ai signed is taken, and any other refused', async () => {
  const { headers, body } = await signWebhook({ type: 'instance.terminated' }, { secret: 'whsec_test' });
  const request = () => new Request('https://example.test/hook', { method: 'POST', headers, body });
  expect((await receive(request(), 'whsec_test')).status).toBe(200);
  expect((await receive(request(), 'whsec_other')).status).toBe(400);
});
