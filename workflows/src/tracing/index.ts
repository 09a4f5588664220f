export { openTelemetryTracing, runSpanIds, type Tracing } from './open-telemetry.ts';
export type { RunSpanIds } from './run-span-ids.ts';
