import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { selfSigned } from '@gpu-clouds/jobs/test/self-signed';
import { contentOf, sha256Of } from './content-of.ts';
import type { FileTrouble } from './faults/fault.ts';
import type { PlannedRun } from './plan.ts';

/** The one bucket that jobs may use. */
const bucket = 'chaos-files';
/** What each link to an object contains. */
export const signedLink = 'X-Amz-Signature=';
/** Requests for one file or object that a passing trouble spoils. */
const spoiled = 2;

/** The file that comes by https. */
const webFile = 'web.bin';

/** What a job of a run downloads and sends. */
export interface SourceFiles {
  readonly up: readonly { readonly from: string; readonly sha256?: string | undefined; readonly to: string }[];
  readonly down: readonly { readonly from: string; readonly to: string }[];
}

/** Names of the files that a run downloads, below the folder that they are put into, with their SHA-256. */
export function downloadsOf({ id }: Pick<PlannedRun, 'id'>): ReadonlyMap<string, string> {
  const names = [webFile, 'bucket/one.bin', 'bucket/deep/two.bin'];
  return new Map(names.map((name) => [name, sha256Of(contentOf(`${id}/${name}`))]));
}

/**
 * Web server and S3 server of the files that runs download and send, on loopback. It answers as S3 does to the few requests that the product
 * makes, to those that are signed, but does not check the signatures: `pnpm test:s3` uses a real server.
 */
export class FileSource {
  /** Folder with programs that go before those of the instances. */
  readonly programs: string;
  /** File with all arguments and the environment of each curl that an instance has run. */
  readonly seenByCurl: string;
  readonly #servers: readonly Server[];
  readonly #objects = new Map<string, Buffer>();
  readonly #troubles = new Map<string, FileTrouble>();
  readonly #requests = new Map<string, number>();
  readonly #secretKey = randomBytes(20).toString('hex');
  #web = '';
  #s3 = '';

  private constructor(folder: string, tls: { readonly key: Buffer; readonly cert: Buffer }) {
    this.programs = join(folder, 'programs');
    this.seenByCurl = join(folder, 'seen-by-curl');
    const answer: RequestListener = (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    };
    this.#servers = [createTlsServer(tls, answer), createServer(answer)];
  }

  /** Starts both servers. @param home Folder for a certificate that the instances' curl trusts. */
  static async start(home: string): Promise<FileSource> {
    const folder = join(home, 'file-source');
    await mkdir(join(folder, 'programs'), { recursive: true });
    const { key, ca } = await selfSigned(folder);
    const source = new FileSource(folder, { key: await readFile(key), cert: await readFile(ca) });
    const [web = 0, s3 = 0] = await Promise.all(source.#servers.map(listening));
    source.#web = `https://127.0.0.1:${web}`;
    source.#s3 = `http://127.0.0.1:${s3}`;
    const curl = `#!/bin/sh
{ printf '%s\\n' "$*"; env; } >> '${source.seenByCurl}'
export CURL_CA_BUNDLE='${ca}'
PATH=\${PATH#*'${source.programs}':} exec curl "$@"
`;
    await writeFile(join(source.programs, 'curl'), curl);
    await chmod(join(source.programs, 'curl'), 0o755);
    return source;
  }

  /** What the workers need. */
  get settings(): Readonly<Record<string, string>> {
    return {
      GPU_CLOUDS_JOB_BUCKETS: bucket,
      AWS_ENDPOINT_URL_S3: this.#s3,
      AWS_ACCESS_KEY_ID: 'chaos',
      ...Object.fromEntries(this.secrets),
    };
  }

  /** What must not be stored anywhere, by name. */
  get secrets(): ReadonlyMap<string, string> {
    return new Map([['AWS_SECRET_ACCESS_KEY', this.#secretKey]]);
  }

  /** Puts the files of a run there. */
  filesFor({ id, fileTrouble }: Pick<PlannedRun, 'id' | 'fileTrouble'>, result: string): SourceFiles {
    const names = downloadsOf({ id });
    if (fileTrouble !== undefined) this.#troubles.set(id, fileTrouble);
    for (const name of names.keys()) this.#objects.set(`/${bucket}/in/${id}/${name}`, contentOf(`${id}/${name}`));
    return {
      up: [
        { from: `${this.#web}/${bucket}/in/${id}/${webFile}`, sha256: names.get(webFile), to: `inputs/${webFile}` },
        { from: `s3://${bucket}/in/${id}/bucket`, to: 'inputs/bucket' },
      ],
      down: [{ from: result, to: `s3://${bucket}/out/${id}/{run}/` }],
    };
  }

  /** Returns what a run has sent. @param run Id of the run. */
  sentBy({ id }: Pick<PlannedRun, 'id'>, run: string, result: string): string | undefined {
    return this.#objects.get(`/${bucket}/out/${id}/${run}/${result}`)?.toString();
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.#s3);
    const path = decodeURIComponent(url.pathname);
    const isSigned = request.headers.authorization !== undefined || url.searchParams.has('X-Amz-Signature');
    if (!isSigned && !(request.socket instanceof TLSSocket)) return void response.writeHead(403).end();
    if (url.searchParams.has('list-type')) return this.#list(url.searchParams.get('prefix') ?? '', response);
    const body = request.method === 'PUT' ? await buffer(request) : undefined;
    const trouble = this.#troubleAt(path, request);
    if (trouble === 'unavailable') return void response.writeHead(503).end();
    if (body !== undefined) {
      if (body.length !== Number(request.headers['content-length'])) return void response.writeHead(400).end();
      this.#objects.set(path, body);
      // The answer is lost.
      return void (trouble === undefined ? response.end() : response.destroy());
    }
    const content = this.#objects.get(path);
    if (content === undefined) return void response.writeHead(404).end();
    return send(request, response, content, trouble);
  }

  /** Returns the trouble of this request, if it has any. The worker's own requests have none: its SDK has attempts of its own. */
  #troubleAt(path: string, { method = '' }: IncomingMessage): FileTrouble | undefined {
    const trouble = this.#troubles.get(path.split('/')[3] ?? '');
    if (trouble === undefined || method === 'HEAD') return undefined;
    if (trouble === 'slow') return method === 'GET' ? trouble : undefined;
    // Only of this file the product knows what it must be.
    if (trouble === 'other-bytes') return path.endsWith(webFile) ? trouble : undefined;
    const before = this.#requests.get(`${method} ${path}`) ?? 0;
    this.#requests.set(`${method} ${path}`, before + 1);
    return before < spoiled ? trouble : undefined;
  }

  #list(prefix: string, response: ServerResponse): void {
    const found = [...this.#objects]
      .map(([path, content]) => ({ key: path.slice(bucket.length + 2), content }))
      .filter(({ key }) => key.startsWith(prefix))
      .map(
        ({ key, content }) =>
          `<Contents><Key>${key}</Key><Size>${content.length}</Size><ETag>&quot;${sha256Of(content)}&quot;</ETag></Contents>`,
      );
    response.setHeader('content-type', 'application/xml');
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${found.sort().join('')}</ListBucketResult>`);
  }
}

/** Sends an object or the end of it, as the trouble says. */
async function send(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  trouble: FileTrouble | undefined,
): Promise<void> {
  const etag = `"${sha256Of(content)}"`;
  if ((headers['if-match'] ?? etag) !== etag) return void response.writeHead(412).end();
  const begin = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
  const body = content.subarray(begin);
  const range = begin === 0 ? {} : { 'content-range': `bytes ${begin}-${content.length - 1}/${content.length}` };
  response.writeHead(begin === 0 ? 200 : 206, { 'content-length': body.length, etag, ...range });
  if (method === 'HEAD') return void response.end();
  const half = Math.floor(body.length / 2);
  switch (trouble) {
    case 'cut':
      return void response.write(body.subarray(0, half), () => response.destroy());
    case 'slow':
      response.write(body.subarray(0, half));
      await delay(1500);
      return void response.end(body.subarray(half));
    case 'other-bytes':
      return void response.end(Buffer.from(body).fill(0, half));
    default:
      return void response.end(body);
  }
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port }: Partial<AddressInfo> = Object(server.address());
  return port ?? 0;
}
