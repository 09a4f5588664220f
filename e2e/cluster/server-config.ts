export const serviceNames = ['frontend', 'history', 'matching', 'worker'] as const;

/** Each of the four services listens for calls and for its peers; the frontend's calls are what clients connect to. */
export type ServicePorts = Readonly<
  Record<(typeof serviceNames)[number], { readonly grpc: number; readonly membership: number }>
>;

/** Configuration of one process with all four services over one PostgreSQL, on loopback. The server reads YAML, of which JSON is a part. */
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

export const databases = { default: 'temporal', visibility: 'temporal_visibility' } as const;
