import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts, type SupervisedProcess, startSupervised } from '@gpu-clouds/dev';
import { registerSearchAttributes } from '@gpu-clouds/jobs';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { StartTemporal } from '../chaos/stack.ts';
import { ClusterError } from './cluster-error.ts';
import type { Postgres } from './postgres.ts';
import { databases, type ServicePorts, serverConfig, serviceNames } from './server-config.ts';
import type { TemporalPrograms } from './temporal-programs.ts';

const run = promisify(execFile);
const host = '127.0.0.1';
const patienceMs = 120_000;
/** gRPC status code ALREADY_EXISTS. */
const alreadyExists = 6;

/** Creates the two databases of a Temporal cluster and their tables. @throws {ClusterError} when temporal-sql-tool fails */
export async function prepareDatabases({ sqlTool }: TemporalPrograms, postgres: Postgres): Promise<void> {
  const common = ['--plugin', 'postgres12', '--ep', host, '-p', String(postgres.port), '-u', postgres.user];
  for (const [store, database] of [
    ['temporal', databases.default],
    ['visibility', databases.visibility],
  ] as const) {
    const steps = [
      ['create'],
      ['setup-schema', '-v', '0.0'],
      ['update-schema', '--schema-name', `postgresql/v12/${store}`],
    ];
    for (const step of steps) {
      await run(sqlTool, [...common, '--db', database, ...step]).catch((error: Error & { stderr?: string }) => {
        throw new ClusterError(`temporal-sql-tool ${step[0]} failed: ${error.stderr?.trim() || error.message}`);
      });
    }
  }
}

/** Returns a function that starts the server of a cluster. Each call uses the same ports, so that the server can restart after a kill. */
export async function temporalCluster(programs: TemporalPrograms, postgres: Postgres): Promise<StartTemporal> {
  const ports = await servicePorts();
  return async (home) => {
    const folder = join(home, 'temporal');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'cluster.yaml'), serverConfig(postgres, ports));
    // Set --env explicitly: otherwise environment variables override the server's configuration.
    const args = ['--root', home, '--config', 'temporal', '--env', 'cluster', '--allow-no-auth', 'start'];
    const server = startSupervised(programs.server, args, { log: join(home, 'temporal-server.log') });
    const address = `${host}:${ports.frontend.grpc}`;
    try {
      await serves(address, server);
      return { address, pid: await server.pid, close: () => server.close() };
    } catch (error) {
      await server.close();
      throw error;
    }
  };
}

async function servicePorts(): Promise<ServicePorts> {
  const free = await freePorts(2 * serviceNames.length);
  const pair = (service: number) => ({ grpc: free[2 * service] ?? 0, membership: free[2 * service + 1] ?? 0 });
  return { frontend: pair(0), history: pair(1), matching: pair(2), worker: pair(3) };
}

/** Waits until the server can prepare the namespace, which needs all four services. @throws {ClusterError} after two minutes */
async function serves(address: string, server: SupervisedProcess): Promise<void> {
  const connection = Connection.lazy({ address });
  const deadline = Date.now() + patienceMs;
  let why: unknown;
  try {
    while (server.running && Date.now() < deadline) {
      try {
        await connection.withDeadline(Date.now() + 5000, () => prepareNamespace(connection));
        return;
      } catch (error) {
        why = error;
        await delay(200);
      }
    }
  } finally {
    await connection.close();
  }
  const reason = server.running ? (why instanceof Error ? why.message : String(why)) : server.lastLine;
  throw new ClusterError(`The Temporal server does not answer at ${address}: ${reason}`);
}

/** Registers the namespace and its search attributes, as an operator does once. Idempotent. */
async function prepareNamespace(connection: Connection): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace: 'default',
      workflowExecutionRetentionPeriod: proto.google.protobuf.Duration.fromObject({ seconds: 24 * 3600 }),
    });
  } catch (error) {
    if (!(isGrpcServiceError(error) && error.code === alreadyExists)) throw error;
  }
  await registerSearchAttributes(connection);
}
