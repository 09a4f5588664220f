import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Client, Connection, isGrpcDeadlineError, ServiceError } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchJob } from './watch-job.ts';

/** A Temporal that accepts connections and then hangs, as one that is stopped with SIGSTOP. */
let frozen: Server;
let sockets: Socket[];
let connection: Connection;
let client: Client;
beforeEach(async () => {
  sockets = [];
  frozen = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(frozen, 'listening');
  const address = frozen.address();
  connection = Connection.lazy({ address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}` });
  client = new Client({ connection });
});
afterEach(async () => {
  await connection.close();
  for (const socket of sockets) socket.destroy();
  frozen.close();
});

it('watchJob fails with the error of a lost connection when Temporal hangs for longer than the time limit', async () => {
  const error: unknown = await watchJob(client, 'run', { timeoutMs: 50 })
    .next()
    .catch((failure: unknown) => failure);
  expect(error instanceof ServiceError && isGrpcDeadlineError(error.cause)).toBe(true);
});

it('watchJob ends without an error when its signal aborts while Temporal hangs', async () => {
  const stop = new AbortController();
  const next = watchJob(client, 'run', { signal: stop.signal, timeoutMs: 60_000 }).next();
  await once(frozen, 'connection');
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
