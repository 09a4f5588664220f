import { createClouds } from '@gpu-clouds/clouds';
import { openTelemetryHooks } from '@gpu-clouds/core/opentelemetry';
import { startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { context, ProxyTracerProvider, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { openTelemetryTracing, runSpanIds } from '../src/tracing/index.ts';
import { Harness, job, masterSecret } from './harness.ts';

const secret = 'a planted secret';

const spans = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  idGenerator: runSpanIds,
});
const tracer = provider.getTracer('test');
const tracing = openTelemetryTracing(provider);

let harness: Harness;
let simulators: Simulators;
let client: Client;
let credentials: readonly string[];
beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 0.5 });
  const endpoints = await simulators.listen();
  const env: Record<string, string> = Object.assign({}, ...Object.values(endpoints).map((endpoint) => endpoint.env));
  credentials = Object.entries(env).flatMap(([name, value]) => (/SECRET|TOKEN|KEY/.test(name) ? [value] : []));
  const { clouds } = createClouds({ env, hooks: openTelemetryHooks({ tracer }) });
  // Without a cache each task of a workflow replays all that was before it.
  const more = { tracing, maxCachedWorkflows: 0 };
  await harness.work(
    [...clouds.values()],
    { TOKEN: secret },
    { consistencyWindowMs: 3000, pollIntervalMs: 500, bootTimeoutMs: 12_000 },
    more,
  );
  const { connection } = harness.client;
  client = new Client({ connection, interceptors: { workflow: [tracing.client] } });
});
beforeEach(() => spans.reset());
afterAll(async () => {
  await harness.close();
  await simulators.close();
  context.disable();
});

const traced = job(
  'name: traced\nresources: { vendors: [verda] }\nsecrets: [TOKEN]\ncommand: echo "$TOKEN"; echo a-command\n',
);

function ancestors(span: ReadableSpan, all: readonly ReadableSpan[]): readonly string[] {
  const parent = all.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
  return [span.name, ...(parent === undefined ? [] : ancestors(parent, all))];
}

/** A workflow's span comes a moment after its result. */
async function spansOf(run: string): Promise<readonly ReadableSpan[]> {
  const ended = ({ name, attributes }: ReadableSpan) =>
    name === 'RunWorkflow:runJob' && attributes.temporalWorkflowId === run;
  await until(() => spans.getFinishedSpans().some(ended), `the span of ${run}`);
  return spans.getFinishedSpans();
}

it("one trace leads from the caller's span to each vendor request, replays included", async () => {
  await tracer.startActiveSpan('request of a user', async (span) => {
    await (await startJob(client, traced, { id: 'traced' })).result();
    span.end();
  });
  const all = await spansOf('traced');
  const create = all.find(({ name }) => name === 'POST /v1/instances');
  expect(create === undefined ? [] : ancestors(create, all)).toEqual([
    'POST /v1/instances',
    'verda createInstance',
    'RunActivity:createInstance',
    'RunWorkflow:instance',
    'RunWorkflow:runJob',
    'StartWorkflow:runJob',
    'request of a user',
  ]);
  for (const span of all) expect(ancestors(span, all).at(-1)).toBe('request of a user');
  const ids = all.map((span) => span.spanContext().spanId);
  expect(new Set(ids).size).toBe(ids.length);
  const names = all.map(({ name }) => name);
  for (const once of ['RunWorkflow:runJob', 'RunWorkflow:instance', 'RunActivity:createInstance']) {
    expect(names.filter((name) => name === once)).toEqual([once]);
  }
});

it('spans hold no secret and no content of a job', async () => {
  await (await startJob(client, traced, { id: 'discreet' })).result();
  const told = (await spansOf('discreet')).map(({ name, attributes, events, status }) => ({
    name,
    attributes,
    events,
    status,
  }));
  const text = JSON.stringify(told);
  expect(credentials.length).toBeGreaterThan(0);
  for (const hidden of [...credentials, masterSecret, secret, 'a-command']) expect(text).not.toContain(hidden);
});

it('the span of a failed run has the failure kind but not the message', async () => {
  const dear = job('name: dear\nlimits: { maxPricePerHour: 0.01 }\ncommand: "true"\n');
  await expect((await startJob(client, dear, { id: 'dear' })).result()).rejects.toMatchObject({ kind: 'no-offer' });
  const run = (await spansOf('dear')).find(({ name }) => name === 'RunWorkflow:runJob');
  expect(run).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'no-offer' } });
  expect(run?.status.message).toBeUndefined();
});

it('an untraced run has no spans', async () => {
  await (await startJob(harness.client, traced, { id: 'untraced' })).result();
  await harness.rest();
  expect(spans.getFinishedSpans().filter(({ name }) => /^(Start|Run)/.test(name))).toEqual([]);
});

it('a client without an OpenTelemetry SDK passes no trace on', async () => {
  const { client: idle } = openTelemetryTracing(new ProxyTracerProvider());
  const input = { workflowType: 'runJob', headers: {}, options: { workflowId: 'idle', taskQueue: 'any', args: [] } };
  await idle.startWithDetails?.(input, async ({ headers }) => {
    expect(headers).toEqual({});
    return { runId: 'any', eagerlyStarted: false };
  });
  expect.assertions(1);
});

it('a replay emits no spans again', async () => {
  const history = await harness.client.workflow.getHandle('traced').fetchHistory();
  const options = { workflowBundle: { codePath: inject('workflowBundle') }, sinks: tracing.sinks };
  await Worker.runReplayHistory(options, history, 'traced');
  expect(spans.getFinishedSpans()).toEqual([]);
});
