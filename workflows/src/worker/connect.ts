import { TemporalConnectionError, temporalConnection } from '@gpu-clouds/jobs';
import { NativeConnection, type NativeConnectionOptions, TransportError } from '@temporalio/worker';
import type { RunWorkerOptions } from './worker-options.ts';

const localAddress = '127.0.0.1:7233';

/** Where a worker connects to. */
interface ChosenConnection {
  readonly connection: NativeConnectionOptions;
  readonly namespace?: string;
}

/** An address alone means a server without TLS or key; nothing at all, what the environment says. */
export function chosenConnection({
  address,
  connection,
  namespace,
}: Pick<RunWorkerOptions, 'address' | 'connection' | 'namespace'>): ChosenConnection {
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
      `Temporal does not answer at ${connection.address}${way}: start it ("gpu-clouds dev" has one), or name another address.`,
      { cause: error },
    );
  }
}
