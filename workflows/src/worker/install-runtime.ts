import { DefaultLogger, makeTelemetryFilterString, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { type Endpoint, EndpointError, endpointError } from './health-server.ts';
import type { RunWorkerOptions } from './worker-options.ts';

/** Upper bounds. Seconds from a quick phase to a day; dollars from a failed start to a cluster's. */
const histogramBucketOverrides = {
  gpu_clouds_phase_seconds: [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600],
  gpu_clouds_instance_dollars: [0.01, 0.1, 0.5, 1, 5, 10, 50, 100, 500],
};

/** The SDK warns of every worker that has activities only. Ours for vendors and for following have no workflows on purpose. */
const activityWorkerNotice = 'No workflows registered, not polling for workflow tasks';

/** Settles logs and metrics of the process. @throws EndpointError */
export function installRuntime({ logLevel = 'WARN', metrics }: Pick<RunWorkerOptions, 'logLevel' | 'metrics'>): void {
  const written = new DefaultLogger(logLevel);
  const logger = new DefaultLogger(logLevel, ({ level, message, meta }) => {
    if (message !== activityWorkerNotice) written.log(level, message, meta);
  });
  // The native core warns of every activity that was let go when its workflow ended, which is how watching an instance ends.
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR' }) };
  try {
    Runtime.install({ logger, telemetryOptions: { logging, ...(metrics === undefined ? {} : exporter(metrics)) } });
  } catch (error) {
    if (metrics === undefined) throw error;
    throw endpointError('metrics', hostOf(metrics), metrics.port, error);
  }
}

export function metricsUrl(metrics: Endpoint): string {
  return `http://${hostOf(metrics)}:${metrics.port}/metrics`;
}

function exporter(metrics: Endpoint): Pick<TelemetryOptions, 'metrics'> {
  if (metrics.port === 0) {
    throw new EndpointError(
      'The metrics endpoint cannot take any free port: name one, since nobody could be told which.',
    );
  }
  const bindAddress = `${hostOf(metrics)}:${metrics.port}`;
  return { metrics: { prometheus: { bindAddress, useSecondsForDurations: true, histogramBucketOverrides } } };
}

function hostOf({ host = '127.0.0.1' }: Endpoint): string {
  return host;
}
