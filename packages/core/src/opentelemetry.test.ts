import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  StackContextManager,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, json, type Reaction, thingClient } from './__fixtures__/things.ts';
import { openTelemetryHooks } from './opentelemetry.ts';

const get = { path: { id: 'a' } };

beforeAll(() => void context.setGlobalContextManager(new StackContextManager()));
afterAll(() => context.disable());

/** A client that is watched, and what was seen. */
function watched(reactions: Reaction[]) {
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics });
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }).getTracer(
    'test',
  );
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const { client } = thingClient(reactions, { hooks: openTelemetryHooks({ tracer, meter }) });
  const measured = async () => {
    await reader.forceFlush();
    const all = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    return Object.fromEntries(all.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
  };
  return { client, tracer, measured, spans: () => spans.getFinishedSpans() };
}

test('openTelemetryHooks creates a span for a call and client spans for its attempts', async () => {
  const { client, tracer, spans } = watched([json({}, { status: 503 }), json({ id: 'a' })]);
  const parent = tracer.startSpan('parent');
  await context.with(trace.setSpan(context.active(), parent), () => client.getThing(get));
  const [first, second, call] = spans();
  expect(spans()).toHaveLength(3);
  expect(call).toMatchObject({ name: 'acme getThing', kind: SpanKind.INTERNAL });
  expect(call?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  expect(call?.attributes).toMatchObject({ 'gpu_clouds.operation': 'getThing', 'gpu_clouds.attempts': 2 });
  expect(call?.events.map(({ name }) => name)).toEqual(['retry']);
  for (const attempt of [first, second]) {
    expect(attempt).toMatchObject({ name: 'GET /things/{id}', kind: SpanKind.CLIENT });
    expect(attempt?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
  }
  expect(first?.status.code).toBe(SpanStatusCode.ERROR);
  expect(first?.attributes).toEqual({
    'http.request.method': 'GET',
    'url.template': '/things/{id}',
    'server.address': 'api.acme.test',
    'server.port': 443,
    'http.response.status_code': 503,
    'error.type': '503',
  });
  expect(second?.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 });
  expect(second?.status.code).toBe(SpanStatusCode.UNSET);
});

test('the span of a failed call has the error code, mayHaveTakenEffect, and no secret', async () => {
  const { client, spans } = watched(['silence']);
  await failureOf(client.createThing({ body: { name: 'a', password: 'hunter22' } }));
  const [attempt, call] = spans();
  expect(attempt?.attributes).toMatchObject({ 'error.type': 'timeout' });
  expect(call?.status.code).toBe(SpanStatusCode.ERROR);
  expect(call?.attributes).toMatchObject({ 'error.type': 'timeout', 'gpu_clouds.may_have_taken_effect': true });
  const told = spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
  expect(JSON.stringify(told)).not.toMatch(/hunter22|secret-token/);
});

test('openTelemetryHooks measures attempts and calls in seconds', async () => {
  const { client, measured } = watched([json({}, { status: 503 }), json({ id: 'a' })]);
  await client.getThing(get);
  const { 'http.client.request.duration': attempts, 'gpu_clouds.call.duration': calls } = await measured();
  expect(attempts?.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([503, 200]);
  expect(calls).toMatchObject([{ attributes: { 'gpu_clouds.vendor': 'acme' }, value: { count: 1, sum: 0.25 } }]);
});
