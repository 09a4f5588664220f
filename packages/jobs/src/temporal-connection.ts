import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Temporal does not answer, or its configuration is invalid. The message says where and what to do. */
export class TemporalConnectionError extends Error {
  override readonly name = 'TemporalConnectionError';
}

/** How to connect to Temporal. Spread it into the options of `runWorker`, or pass `connection` to `Connection.connect`. */
export interface TemporalConnection {
  /** Address, TLS settings, and API key, in the form of `Connection.connect` and `NativeConnection.connect`. */
  readonly connection: Pick<ConnectionOptions, 'address' | 'tls' | 'metadata'> & {
    /** API key of Temporal Cloud. Sent over TLS. */
    readonly apiKey?: string;
  };
  /** Namespace. Absent if neither a variable nor the profile sets one; Temporal then uses `default`. */
  readonly namespace?: string;
}

/**
 * Reads the same settings as Temporal's own tools: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_…`,
 * and the profile `TEMPORAL_PROFILE` of Temporal's configuration file. An API key turns TLS on.
 * @param env Default: `process.env`.
 * @throws {TemporalConnectionError} The settings or the configuration file cannot be read.
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
      `The settings for the connection to Temporal cannot be read: ${why}. Check the TEMPORAL_… variables and Temporal's configuration file.`,
      { cause: error },
    );
  }
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
