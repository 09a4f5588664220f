// The HTTP side of the service.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { JobNotFoundError, type RunStore, readOutput } from '@gpu-clouds/jobs';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Trainings } from './trainings.ts';

class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createService(trainings: Trainings, runs: RunStore): Server {
  return createServer((request, response) => {
    answer(trainings, runs, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, statusOf(error), { error: error instanceof Error ? error.message : String(error) });
    });
  });
}

async function answer(
  trainings: Trainings,
  runs: RunStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, root, id, view = ''] = (request.url?.split('?')[0] ?? '').split('/');
  if (root !== 'trainings') throw new HttpError(404, 'There is nothing here but /trainings.');
  if (id === undefined) {
    if (request.method !== 'POST') throw new HttpError(405, 'POST a training.');
    const started = await trainings.start(keyOf(request), epochsOf(await bodyOf(request)));
    response.setHeader('location', `/trainings/${started}`);
    return send(response, 202, { id: started });
  }
  const status = await trainings.status(id);
  if (status === undefined) throw new HttpError(404, `There is no training ${id}.`);
  switch (`${request.method} ${view}`) {
    case 'GET ':
      return send(response, 200, status);
    case 'GET events':
      return sendEvents(response, trainings, id);
    case 'GET output':
      return sendOutput(response, runs, id);
    case 'POST stop':
      await trainings.stop(id);
      return send(response, 202, { id });
    case 'DELETE ':
      await trainings.cancel(id);
      return send(response, 202, { id });
    default:
      throw new HttpError(404, 'GET /trainings/<id>, …/events, …/output; POST …/stop; DELETE /trainings/<id>.');
  }
}

/** Server-sent events: a status for each change, until the training has ended or the client has gone. */
async function sendEvents(response: ServerResponse, trainings: Trainings, id: string): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for await (const status of trainings.watch(id, gone.signal)) response.write(`data: ${JSON.stringify(status)}\n\n`);
  response.end();
}

/** What the command has written so far. */
async function sendOutput(response: ServerResponse, runs: RunStore, id: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  for await (const piece of readOutput(runs, id)) response.write(piece);
  response.end();
}

function keyOf({ headers }: IncomingMessage): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key !== '') return key;
  throw new HttpError(400, 'Send an Idempotency-Key: a text of your own that names this training.');
}

function epochsOf(body: unknown): number {
  const epochs: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'epochs') : undefined;
  if (typeof epochs === 'number' && Number.isInteger(epochs) && epochs >= 1 && epochs <= 1000) return epochs;
  throw new HttpError(400, 'epochs must be a whole number from 1 to 1000.');
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > 10_000) throw new HttpError(413, 'The body is too large.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'The body must be JSON.');
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  // It ended a moment ago.
  return error instanceof JobNotFoundError || error instanceof WorkflowNotFoundError ? 409 : 500;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
