export { openTelemetryTracing, runSpanIds } from './open-telemetry.ts';
export type { RunSpanIds } from './run-span-ids.ts';
export type { Tracing } from './tracing.ts';
