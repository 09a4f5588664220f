import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { selfSigned } from '../../test/self-signed.ts';
import { budgetFacts } from '../budget/budget-facts.ts';
import { fastRead } from './fast-read.ts';
import type { TemporalReader, WorkflowInfo } from './temporal-reader.ts';
import { encodeMessage } from './wire.ts';

type Answer = (stream: ServerHttp2Stream, method: string, headers: IncomingHttpHeaders) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts a server of gRPC that answers each call with `answer`. Returns its address. */
async function serve(answer: Answer, server: Http2Server | Http2SecureServer = createServer()): Promise<string> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    stream.resume();
    stream.on('end', () => answer(stream, headers[':path']?.split('/').at(-1) ?? '', headers));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function framed(message: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Sends a body and the status 0 after it. */
function send(stream: ServerHttp2Stream, body: Uint8Array): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(body);
}

/** Sends a status other than 0, without a body. */
function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  stream.respond(
    { ':status': 200, 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message) },
    { endStream: true },
  );
}

const namespace = (id: string) => framed(encodeMessage([1, encodeMessage([6, id])]));
const namespaceId = async (reader: TemporalReader) =>
  (await reader.workflowService.describeNamespace({ namespace: 'default' })).namespaceInfo?.id;
const readFrom = <T>(address: string, read: (reader: TemporalReader) => Promise<T>) =>
  fastRead({ connection: { address } }, read);

it('fastRead returns what was read', async () => {
  const address = await serve((stream) => send(stream, namespace('the-id')));
  expect(await readFrom(address, namespaceId)).toEqual({ value: 'the-id' });
});

it('fastRead sends the API key, the namespace, and own headers over TLS with the given certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-reader-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const { key, ca } = await selfSigned(folder);
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(ca) });
  const address = await serve(
    (stream, _method, headers) =>
      send(stream, namespace([headers.authorization, headers['temporal-namespace'], headers['x-own']].join())),
    server,
  );
  const connection = { address, apiKey: 'secret', metadata: { 'X-Own': 'value' } };
  const trusted = { ...connection, tls: { serverRootCACertificate: readFileSync(ca) } };
  expect(await fastRead({ connection: trusted, namespace: 'mine' }, namespaceId)).toEqual({
    value: 'Bearer secret,mine,value',
  });
  expect(await fastRead({ connection: { ...connection, tls: true } }, namespaceId)).toBeUndefined();
});

it('a list is read page by page', async () => {
  let pages = 0;
  const execution = (id: string) =>
    encodeMessage([1, encodeMessage([1, id], [2, 'run'])], [3, encodeMessage([1, 1_700_000_000])], [5, 1]);
  const address = await serve((stream) => {
    pages += 1;
    const token = pages === 1 ? Buffer.from('more') : undefined;
    send(stream, framed(encodeMessage([1, execution(`run-${pages}`)], [2, token])));
  });
  const list = async (reader: TemporalReader) => {
    const infos: WorkflowInfo[] = [];
    for await (const info of reader.workflow.list({ query: '' })) infos.push(info);
    return infos;
  };
  expect((await readFrom(address, list))?.value).toMatchObject([
    { workflowId: 'run-1', status: { name: 'RUNNING' }, startTime: new Date(1_700_000_000_000), closeTime: undefined },
    { workflowId: 'run-2' },
  ]);
});

it('a fleet without a budget has no facts: a workflow that does not exist is no failure', async () => {
  const address = await serve((stream) => refuse(stream, 5, 'workflow not found for ID: gpuc-dev-budget'));
  expect(await readFrom(address, (reader) => budgetFacts(reader, 'dev'))).toEqual({ value: [] });
});

it('fastRead fails when the namespace does not exist', async () => {
  const address = await serve((stream) => refuse(stream, 5, 'Namespace default is not found.'));
  expect(await readFrom(address, (reader) => budgetFacts(reader, 'dev'))).toBeUndefined();
});

it('a query that no worker answers until the deadline is no failure of fastRead', async () => {
  const address = await serve(() => undefined);
  const read = (reader: TemporalReader) =>
    reader.connection.withDeadline(Date.now() + 50, () => reader.workflow.getHandle('run').query('status'));
  expect(await readFrom(address, (reader) => read(reader).catch((error) => error.code))).toEqual({ value: 4 });
});

it.each([
  ['a query that the workflow fails', 3],
  ['a query of a task queue without workers', 9],
])('%s is no failure of fastRead', async (_what, code) => {
  const address = await serve((stream) => refuse(stream, code, 'no'));
  const read = (reader: TemporalReader) => reader.workflow.getHandle('run').query('status');
  expect(await readFrom(address, (reader) => read(reader).catch((error) => error.message))).toEqual({ value: 'no' });
});

const cutOff = framed(encodeMessage([1, 'text'])).subarray(0, 8);
const compressed = Uint8Array.from(framed(encodeMessage([1, 'text'])), (byte, index) => (index === 0 ? 1 : byte));
const answers: readonly (readonly [string, Answer])[] = [
  ['a server that is not available', (stream) => refuse(stream, 14, 'unavailable')],
  ['a refused API key', (stream) => refuse(stream, 16, 'Request unauthorized.')],
  ['a response that is cut off', (stream) => send(stream, cutOff)],
  ['a compressed response', (stream) => send(stream, compressed)],
  ['a response that is no message', (stream) => send(stream, framed(Uint8Array.from([15])))],
  ['a response without a body', (stream) => send(stream, new Uint8Array())],
  ['a page of HTML', (stream) => stream.respond({ ':status': 502, 'content-type': 'text/html' }, { endStream: true })],
  ['a stream that is closed', (stream) => stream.close(2)],
  ['a connection that is closed', (stream) => stream.session?.destroy()],
  [
    'a response of more than 64 MiB',
    (stream) => {
      stream.respond({ ':status': 200 });
      const more = () => {
        while (!stream.destroyed && stream.write(Buffer.alloc(2 ** 20)));
      };
      stream.on('drain', more);
      more();
    },
  ],
];
it.each(answers)('fastRead fails on %s, even if the reader ignores it', async (_what, answer) => {
  const address = await serve(answer);
  expect(await readFrom(address, (reader) => namespaceId(reader).catch(() => 'unknown'))).toBeUndefined();
});

it('fastRead fails if nothing listens', async () => {
  expect(await readFrom('127.0.0.1:1', namespaceId)).toBeUndefined();
});

it('fastRead ends at once when its signal aborts', async () => {
  const stop = new AbortController();
  const address = await serve(() => stop.abort());
  expect(await fastRead({ connection: { address }, signal: stop.signal }, namespaceId)).toBeUndefined();
});
