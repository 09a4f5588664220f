import { freePorts } from '@gpu-clouds/dev';
import { expect, it } from 'vitest';
import { serverConfig } from './server-config.ts';

const ports = {
  frontend: { grpc: 1, membership: 2 },
  history: { grpc: 3, membership: 4 },
  matching: { grpc: 5, membership: 6 },
  worker: { grpc: 7, membership: 8 },
};

it('serverConfig makes all four services listen on 127.0.0.1 only and reach each other through the frontend', () => {
  const { services, clusterMetadata } = JSON.parse(serverConfig({ port: 9, user: 'temporal' }, ports));
  expect(services).toEqual({
    frontend: { rpc: { grpcPort: 1, membershipPort: 2, bindOnLocalHost: true } },
    history: { rpc: { grpcPort: 3, membershipPort: 4, bindOnLocalHost: true } },
    matching: { rpc: { grpcPort: 5, membershipPort: 6, bindOnLocalHost: true } },
    worker: { rpc: { grpcPort: 7, membershipPort: 8, bindOnLocalHost: true } },
  });
  expect(clusterMetadata.clusterInformation.active.rpcAddress).toBe('127.0.0.1:1');
});

it('serverConfig stores runs and visibility in two databases of one PostgreSQL server', () => {
  const { persistence } = JSON.parse(serverConfig({ port: 9, user: 'temporal' }, ports));
  const { default: runs, visibility } = persistence.datastores;
  expect([runs.sql.databaseName, visibility.sql.databaseName]).toEqual(['temporal', 'temporal_visibility']);
  expect([runs.sql.connectAddr, visibility.sql.connectAddr]).toEqual(['127.0.0.1:9', '127.0.0.1:9']);
});

it("freePorts returns different ports that fit into the 15 bits of Temporal's PostgreSQL schema", async () => {
  const found = await freePorts(8);
  expect(new Set(found).size).toBe(8);
  for (const port of found) expect(port).toBeLessThan(32_768);
});
