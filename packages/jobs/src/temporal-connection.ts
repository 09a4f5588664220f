import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Temporal does not answer, or its configuration cannot be read. The message says where, and what to do. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/** Where Temporal is and how to get in; to be spread into the options of `runWorker`, or handed to `Connection.connect`. */
export interface TemporalConnection {
  /** Address, TLS and API key, as `Connection.connect` and `NativeConnection.connect` take them. */
  readonly connection: Pick<ConnectionOptions, 'address' | 'tls' | 'metadata'> & {
    /** API key of Temporal Cloud, sent over TLS. */
    readonly apiKey?: string;
  };
  /** Absent when neither variable nor profile names one: Temporal's is `default` then. */
  readonly namespace?: string;
}

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

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
