// The HTTP side of the service.
import { cancelJob, type RunStore, RunStoreError, readOutput } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { type Trainings, trainingRequest } from './trainings.ts';
import { type User, userWithKey } from './users.ts';

export interface AppOptions {
  readonly client: Client;
  readonly runs: RunStore;
  readonly trainings: Trainings;
  readonly users: readonly User[];
}

interface Env {
  Variables: { user: string };
}

export function createApp({ client, runs, trainings, users }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(secureHeaders(), bodyLimit({ maxSize: 64 * 1024, onError: tooLarge }));
  app.use('/trainings/*', async (c, next) => {
    const [, key = ''] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
    const user = userWithKey(users, key);
    if (user === undefined) {
      c.header('WWW-Authenticate', 'Bearer');
      return c.json({ message: 'Send your API key: "Authorization: Bearer KEY".' }, 401);
    }
    c.set('user', user.name);
    return next();
  });

  /** Every route with an ID begins with this. The answer does not tell whether another user has such a training. */
  async function ownTraining(c: Context<Env, '/trainings/:id'>) {
    const training = await trainings.find(c.var.user, c.req.param('id'));
    if (training === undefined) throw new HTTPException(404, { message: 'You have no such training.' });
    return training;
  }

  app.post('/trainings', async (c) => {
    const id = await trainings.start(c.var.user, idempotencyKey(c), await requestIn(c));
    c.header('Location', `/trainings/${id}`);
    return c.json({ id }, 202);
  });
  app.get('/trainings', async (c) => c.json(await trainings.list(c.var.user)));
  app.get('/trainings/:id', async (c) => c.json(await ownTraining(c)));
  app.delete('/trainings/:id', async (c) => {
    const { id, ended } = await ownTraining(c);
    if (ended) throw new HTTPException(409, { message: 'The training has ended.' });
    await cancelJob(client, id);
    return c.json({ id }, 202);
  });
  app.get('/trainings/:id/output', async (c) => {
    const { id } = await ownTraining(c);
    return c.body(streamOf(readOutput(runs, id)), 200, { 'Content-Type': 'text/plain; charset=utf-8' });
  });
  app.get('/trainings/:id/artifacts', async (c) => {
    const { id } = await ownTraining(c);
    const files = await Array.fromAsync(runs.listFiles(id, 'outputs'));
    return c.json(files.map(({ path, size }) => ({ path: path.replace(/^outputs\//, ''), size })));
  });
  app.get('/trainings/:id/artifacts/:path{.+}', async (c) => {
    const { id } = await ownTraining(c);
    const path = `outputs/${c.req.param('path')}`;
    const file = await runs.statFile(id, path).catch(noneIfRefused);
    if (file === undefined) throw new HTTPException(404, { message: 'The training has no such file.' });
    return c.body(streamOf(runs.readFile(id, path)), 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(file.size),
    });
  });

  app.notFound((c) => c.json({ message: 'There is nothing at this address.' }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ message: error.message }, error.status);
    const status = statuses[error.name] ?? 500;
    if (status === 500 || status === 503) console.error(error);
    return c.json({ message: messages[status] ?? error.message }, status);
  });
  return app;
}

function tooLarge(): never {
  throw new HTTPException(413, { message: 'The body is larger than 64 KiB.' });
}

/** For a name that the run store refuses, such as one that is too long for a disk: there is no such file. */
function noneIfRefused(error: unknown): undefined {
  if (!(error instanceof RunStoreError && error.lasting)) throw error;
}

/**
 * A stream that fails when its source does, so that a client does not take a part for the whole. It reads nothing before the client does:
 * Hono answers HEAD with the stream of GET, which it drops without reading or ending it.
 */
function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function idempotencyKey(c: Context): string {
  const key = c.req.header('idempotency-key') ?? '';
  if (key !== '' && key.length <= 255) return key;
  throw new HTTPException(400, { message: 'Send an Idempotency-Key of up to 255 characters, such as a UUID.' });
}

async function requestIn(c: Context) {
  const { success, data, error } = trainingRequest.safeParse(await c.req.json().catch(() => undefined));
  if (success) return data;
  const [issue] = error.issues;
  throw new HTTPException(400, { message: `${issue?.path.join('.') || 'The body'}: ${issue?.message}` });
}

/** Statuses of errors of this service and of gpu-clouds. Any other error is a mistake of the service. */
const statuses: Readonly<Record<string, 400 | 409 | 503>> = {
  KeyReusedError: 409,
  JobNotFoundError: 409, // The training ended just before the request to cancel it.
  RangeError: 400, // The path of an artifact leads out of the run.
  UncertainStartError: 503,
  ServiceError: 503, // Temporal
  FleetError: 503,
  RunStoreError: 503,
};

const messages: Readonly<Record<number, string>> = {
  500: 'The service failed.',
  503: 'Repeat the request later. A POST with the same Idempotency-Key starts nothing twice.',
};
