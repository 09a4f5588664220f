import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';
import { Client, Connection } from '@temporalio/client';

declare const NodeSDK: new (options: { idGenerator: typeof runSpanIds }) => { start(): void };
declare const masterSecret: string;
const connection = await Connection.connect();

// #region shown
import { openTelemetryHooks } from '@gpu-clouds/core/opentelemetry';
import { openTelemetryTracing, runSpanIds } from '@gpu-clouds/workflows/tracing'; // needs @opentelemetry/api

new NodeSDK({ idGenerator: runSpanIds }).start(); // or any other way to register a tracer provider and a context manager
const tracing = openTelemetryTracing();
const client = new Client({ connection, interceptors: { workflow: [tracing.client] } }); // a client with our plugin has it
await runWorker({ clouds: createClouds({ hooks: openTelemetryHooks() }).clouds, masterSecret, tracing });
// #endregion

await client.connection.close();
