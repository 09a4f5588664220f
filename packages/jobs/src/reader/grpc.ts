import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { Fields } from './wire.ts';

/** A call that failed. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  /** The status code, see https://grpc.io/docs/guides/status-codes. Undefined if there was no answer. */
  readonly code: number | undefined;

  constructor(message: string, code?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The status codes that are treated in a special way. */
export const grpcCodes = { invalidArgument: 3, deadlineExceeded: 4, notFound: 5, failedPrecondition: 9 } as const;

/** The largest response that is read, in bytes. A page of Temporal's lists has 4 MiB at most. */
const maxResponseBytes = 64 * 2 ** 20;
const service = '/temporal.api.workflowservice.v1.WorkflowService/';

/** Where and how to connect. */
export interface GrpcTarget {
  /** `host:port`. */
  readonly address: string;
  /** Absent for a connection without TLS. */
  readonly tls?: SecureClientSessionOptions | undefined;
  /** Sent with each call. */
  readonly headers: OutgoingHttpHeaders;
}

/**
 * Unary calls to Temporal's service over one HTTP/2 connection, without retries and proxies.
 * Protocol: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
 */
export class GrpcConnection {
  readonly #headers: OutgoingHttpHeaders;
  readonly #session: ClientHttp2Session;

  constructor({ address, tls, headers }: GrpcTarget) {
    this.#headers = headers;
    this.#session = connect(`${tls === undefined ? 'http' : 'https'}://${address}`, tls);
    // Each open call fails with the same error.
    this.#session.on('error', () => undefined);
  }

  /**
   * Makes one call.
   * @param timeoutMs Milliseconds until it fails with `deadlineExceeded`.
   * @throws {GrpcError}
   */
  async call<T>(method: string, request: Uint8Array, timeoutMs: number, decode: (fields: Fields) => T): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const stream = this.#session.request({
        ...this.#headers,
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `${service}${method}`,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [constants.HTTP2_HEADER_TE]: 'trailers',
        'grpc-timeout': `${timeoutMs}m`,
      });
      const late = new GrpcError(`${method} took longer than ${timeoutMs} ms.`, grpcCodes.deadlineExceeded);
      timer = setTimeout(() => stream.destroy(late), timeoutMs);
      let status: IncomingHttpHeaders = {};
      const keepStatus = (headers: IncomingHttpHeaders) => {
        status = { ...status, ...headers };
      };
      stream.on('response', keepStatus).on('trailers', keepStatus).end(framed(request));
      const body = await bodyOf(stream);
      checkStatus(status);
      return decode(new Fields(unframed(body)));
    } catch (error) {
      if (error instanceof GrpcError) throw error;
      throw new GrpcError(`${method} failed: ${error instanceof Error ? error.message : error}`, undefined, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#session.destroy();
  }
}

async function bodyOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxResponseBytes) throw new GrpcError(`A response is larger than ${maxResponseBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A response without a body has its status in the headers, others have it in the trailers. */
function checkStatus({ ':status': http, 'grpc-status': code, 'grpc-message': message }: IncomingHttpHeaders): void {
  if (code === '0') return;
  if (typeof code !== 'string') throw new GrpcError(`There is no gRPC status; the status of HTTP is ${http}.`);
  throw new GrpcError(typeof message === 'string' ? decoded(message) : `Status ${code}.`, Number(code));
}

/** Decodes the percent-encoding of a message, if it is valid. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

/** Adds the prefix of a message: not compressed, and its length. */
function framed(message: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function unframed(body: Buffer): Uint8Array {
  const length = body.length < prefixBytes ? -1 : body.readUInt32BE(1);
  if (body[0] !== 0 || length !== body.length - prefixBytes)
    throw new GrpcError('A response is cut off or compressed.');
  return body.subarray(prefixBytes);
}

const prefixBytes = 5;
