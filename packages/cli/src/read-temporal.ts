import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { fastRead, type TemporalReader, temporalConnection } from '@gpu-clouds/jobs/read';
import { usesProxy } from './proxy.ts';
import type { Terminal } from './terminal.ts';
import { tracesUrl } from './tracing.ts';

/**
 * Reads from Temporal without its client, which takes longer to load than everything else that a short command does. If that fails, or a
 * proxy or tracing is set, it reads with the client, as `withTemporal` does. So `read` may be called twice, and must only read.
 * @throws {CliError} when no Temporal server answers, or it lacks the namespace
 */
export async function readTemporal<T>(terminal: Terminal, read: (reader: TemporalReader) => Promise<T>): Promise<T> {
  const { env, signal } = terminal;
  if (!usesProxy(env) && tracesUrl(env) === undefined) {
    const { payloadCodecs } = dataConverterFromEnv(env);
    const result = await fastRead({ ...temporalConnection(env), payloadCodecs, signal }, read);
    if (result !== undefined) return result.value;
    signal.throwIfAborted();
  }
  const { withTemporal } = await import('./temporal.ts');
  return withTemporal(terminal, read);
}
