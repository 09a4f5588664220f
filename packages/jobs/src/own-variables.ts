/** Begin of the names of variables that set up gpu-clouds itself: the clouds, Temporal, the run store, and the tracer. */
export const ownVariablePrefixes: readonly string[] = [
  'VERDA_',
  'GPU_AI_',
  'MASSED_COMPUTE_',
  'TENSORDOCK_',
  'GPU_CLOUDS_',
  'TEMPORAL_',
  'AWS_',
  'OTEL_',
];
