import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions, TransportError } from '@temporalio/worker';
import type { RunWorkerOptions } from './worker-options.ts';

/** Temporal does not answer, or its configuration cannot be read. The message says where, and what to do. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/** Where Temporal is and how to get in; to be spread into the options of `runWorker`. */
export interface TemporalConnection {
  /** Address, TLS and API key, as `NativeConnection.connect` takes them. */
  readonly connection: NativeConnectionOptions;
  /** Absent when neither variable nor profile names one: Temporal's is `default` then. */
  readonly namespace?: string;
}

const localAddress = '127.0.0.1:7233';

/**
 * What Temporal's own tools would connect to: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_…`, or the
 * profile `TEMPORAL_PROFILE` of their configuration file. An API key turns TLS on.
 * @throws TemporalConnectionError
 */
export function temporalConnection(
  env: Readonly<Record<string, string | undefined>> = process.env,
): TemporalConnection {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
    return { connection: connectionOptions, ...(namespace === undefined ? {} : { namespace }) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TemporalConnectionError(
      `The configuration of the connection to Temporal cannot be read: ${why}. It comes from TEMPORAL_… variables and Temporal's configuration file.`,
      { cause: error },
    );
  }
}

/** An address alone means a server without TLS or key; nothing at all, what the environment says. */
export function chosenConnection({
  address,
  connection,
  namespace,
}: Pick<RunWorkerOptions, 'address' | 'connection' | 'namespace'>): TemporalConnection {
  const configured =
    address === undefined && connection === undefined ? temporalConnection() : { connection: connection ?? {} };
  const chosen = { ...configured.connection, address: address ?? configured.connection.address ?? localAddress };
  return { ...configured, connection: chosen, ...(namespace === undefined ? {} : { namespace }) };
}

/** @throws TemporalConnectionError */
export async function connect(connection: NativeConnectionOptions): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connection);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const way = connection.tls ? ' over TLS' : '';
    throw new TemporalConnectionError(
      `Temporal does not answer at ${connection.address}${way}: start it (\`gpu-clouds dev\` has one), or name another address.`,
      { cause: error },
    );
  }
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
