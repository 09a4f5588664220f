export { openTelemetryClientInterceptor } from './client-interceptor.ts';
export { endAfter, fail } from './span-end.ts';
