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
/** gRPC's status. */
const alreadyExists = 6;

/** Makes the two databases of a Temporal cluster, with their tables. @throws ClusterError */
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

/** Starts the server of a cluster, and again on the same ports after it was killed. */
export async function temporalCluster(programs: TemporalPrograms, postgres: Postgres): Promise<StartTemporal> {
  const ports = await servicePorts();
  return async (home) => {
    const folder = join(home, 'temporal');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'cluster.yaml'), serverConfig(postgres, ports));
    // Its own --env: otherwise the environment's names for the server's configuration come first.
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

/** The namespace's preparation is the first call that needs all four services. */
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
  const said = server.running ? (why instanceof Error ? why.message : String(why)) : server.lastLine;
  throw new ClusterError(`The Temporal server does not answer at ${address}: ${said}`);
}

/** As an operator of a cluster does once; again it changes nothing. */
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
