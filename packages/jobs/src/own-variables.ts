import { vendors } from '@gpu-clouds/clouds/pure';

/** Begin of the names of variables that set up gpu-clouds itself: the clouds, Temporal, the run store, and the tracer. */
export const ownVariablePrefixes: readonly string[] = [
  ...vendors.map((vendor) => `${vendor.toUpperCase().replaceAll('-', '_')}_`),
  'GPU_CLOUDS_',
  'TEMPORAL_',
  'AWS_',
  'OTEL_',
];
