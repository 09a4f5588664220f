import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@gpu-clouds/jobs/test/self-signed';

/** What a server does instead of its ordinary answer. */
export type Trouble = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FileServer {
  readonly url: string;
  /** Path of the certificate's CA. */
  readonly ca: string;
  /** The `range` header of each request. */
  readonly ranges: (string | undefined)[];
  close(): Promise<void>;
}

/** Serves one content at every path over loopback, with ranges and If-Match, and takes what is put. */
export async function startFileServer(
  content: Buffer,
  { tls = true, trouble = () => false, puts }: { tls?: boolean; trouble?: Trouble; puts?: Map<string, Buffer> } = {},
): Promise<FileServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-files-'));
  const ranges: (string | undefined)[] = [];
  const answer: RequestListener = async (request, response) => {
    if (request.method === 'PUT') {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(Buffer.from(piece));
      if (trouble(request, response)) return;
      puts?.set(request.url ?? '', Buffer.concat(pieces));
      response.end();
      return;
    }
    const { range } = request.headers;
    ranges.push(range);
    if (trouble(request, response)) return;
    const begin = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const status = range === undefined ? 200 : begin < content.length ? 206 : 416;
    const partial = { 'content-range': `bytes ${begin}-${content.length - 1}/${content.length}` };
    const body = status === 416 ? Buffer.alloc(0) : content.subarray(begin);
    response.writeHead(status, { 'content-length': body.length, ...(status === 206 ? partial : {}) });
    response.end(body);
  };
  const { key, ca } = tls ? await selfSigned(folder) : { key: '', ca: '' };
  const server = tls
    ? createTlsServer({ key: await readFile(key), cert: await readFile(ca) }, answer)
    : createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port }: Partial<AddressInfo> = Object(server.address());
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    ca,
    ranges,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
