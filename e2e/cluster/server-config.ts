/** Services of a Temporal server. */
export const serviceNames = ['frontend', 'history', 'matching', 'worker'] as const;

/** Ports of each service for gRPC calls and for membership. Clients connect to the gRPC port of the frontend. */
export type ServicePorts = Readonly<
  Record<(typeof serviceNames)[number], { readonly grpc: number; readonly membership: number }>
>;

/**
 * Creates the configuration of one process that runs all four services on 127.0.0.1 with one PostgreSQL server.
 * @returns JSON, which the server accepts because it is a subset of YAML
 */
export function serverConfig(database: { readonly port: number; readonly user: string }, ports: ServicePorts): string {
  const datastore = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${database.port}`,
      connectProtocol: 'tcp',
      user: database.user,
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  });
  const services = serviceNames.map((name) => [
    name,
    { rpc: { grpcPort: ports[name].grpc, membershipPort: ports[name].membership, bindOnLocalHost: true } },
  ]);
  const frontend = `127.0.0.1:${ports.frontend.grpc}`;
  return JSON.stringify(
    {
      log: { stdout: true, level: 'warn' },
      persistence: {
        defaultStore: 'default',
        visibilityStore: 'visibility',
        numHistoryShards: 4,
        datastores: { default: datastore(databases.default), visibility: datastore(databases.visibility) },
      },
      global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
      services: Object.fromEntries(services),
      clusterMetadata: {
        enableGlobalNamespace: false,
        failoverVersionIncrement: 10,
        masterClusterName: 'active',
        currentClusterName: 'active',
        clusterInformation: {
          active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: frontend },
        },
      },
      dcRedirectionPolicy: { policy: 'noop' },
    },
    null,
    2,
  );
}

/** Names of the databases. */
export const databases = { default: 'temporal', visibility: 'temporal_visibility' } as const;
