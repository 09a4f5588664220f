import type { Terminal } from './terminal.ts';

/** Whether a variable sets a proxy, which Temporal's client then uses. */
export function usesProxy(env: Terminal['env']): boolean {
  return ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => env[name] || env[name.toUpperCase()]);
}
