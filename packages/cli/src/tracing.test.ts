import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { expect, it } from 'vitest';
import { startTracing } from './tracing.ts';

it('startTracing returns undefined without an endpoint or with the SDK disabled', async () => {
  expect(await startTracing({ env: {} })).toBeUndefined();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
  expect(await startTracing({ env })).toBeUndefined();
});

it('close exports the spans of the Temporal client, with the configured service name and headers', async () => {
  const received: { readonly url?: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const collector = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { url, headers } = request;
    received.push({ ...(url === undefined ? {} : { url }), headers, body: Buffer.concat(pieces).toString('latin1') });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const traced = await startTracing({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_SERVICE_NAME: 'training',
    },
  });
  const input = { workflowType: 'runJob', headers: {}, options: { workflowId: 'a-run', taskQueue: 'any', args: [] } };
  const started = { runId: 'any', eagerlyStarted: false };
  await traced?.client.startWithDetails?.(input, async () => started);
  await traced?.close();
  collector.close();
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ url: '/v1/traces', headers: { authorization: 'Bearer abc' } });
  for (const text of ['training', 'StartWorkflow:runJob', 'a-run']) expect(received[0]?.body).toContain(text);
});
