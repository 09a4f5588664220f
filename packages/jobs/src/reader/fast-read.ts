import { AsyncLocalStorage } from 'node:async_hooks';
import type { SecureClientSessionOptions } from 'node:http2';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { TemporalConnection } from '../temporal-connection.ts';
import { GrpcConnection, GrpcError, grpcCodes } from './grpc.ts';
import * as messages from './messages.ts';
import type { TemporalReader, WorkflowDescription, WorkflowInfo } from './temporal-reader.ts';
import type { Fields } from './wire.ts';

/** Options of {@link fastRead}. */
export interface FastReadOptions extends TemporalConnection {
  /** Default: nothing is encrypted. */
  readonly payloadCodecs?: readonly PayloadCodec[] | undefined;
  /** Ends all calls. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that a call without a deadline of its own may take. */
const callTimeoutMs = 10_000;

/**
 * Runs `read` with a reader that loads in a tenth of the time of Temporal's client, and has no retries, proxies, or interceptors.
 * @returns undefined if a call or `read` failed. Then read again with Temporal's client, which may succeed, and whose errors say why if not.
 */
export async function fastRead<T>(
  options: FastReadOptions,
  read: (reader: TemporalReader) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const { signal } = options;
  if (signal?.aborted) return undefined;
  let reader: FastReader | undefined;
  const close = () => reader?.close();
  signal?.addEventListener('abort', close, { once: true });
  try {
    reader = new FastReader(options);
    const value = await read(reader);
    return reader.failed ? undefined : { value };
  } catch {
    return undefined;
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** There is no such workflow. Temporal's client throws an error with the same name. */
class WorkflowNotFoundError extends Error {
  override readonly name = 'WorkflowNotFoundError';
}

class FastReader implements TemporalReader {
  readonly options: TemporalReader['options'];
  readonly workflow: TemporalReader['workflow'] = {
    list: ({ query }) => this.#list(query),
    getHandle: (id) => ({
      describe: () => this.#describe(id),
      query: (name) => this.#query(id, name),
      result: () => this.#fail(new Error('A fast reader does not wait for results.')),
    }),
  };
  readonly workflowService: TemporalReader['workflowService'] = {
    describeNamespace: ({ namespace }) =>
      this.#call('DescribeNamespace', messages.namespaceRequest(namespace), messages.namespaceResponse),
  };
  readonly connection: TemporalReader['connection'] = {
    withDeadline: (deadline, call) => this.#deadline.run(deadline, call),
  };

  /** Whether a call failed that Temporal's client would repeat or describe better, even if `read` ignored the failure. */
  failed = false;

  readonly #deadline = new AsyncLocalStorage<number>();
  readonly #grpc: GrpcConnection;

  constructor({ connection, namespace = 'default', payloadCodecs = [] }: FastReadOptions) {
    const { address = '127.0.0.1:7233', tls, apiKey, metadata } = connection;
    this.options = { namespace, loadedDataConverter: { payloadCodecs, payloadConverter: { fromPayload } } };
    this.#grpc = new GrpcConnection({
      address,
      tls: secure(tls),
      headers: {
        ...textHeaders(metadata),
        'temporal-namespace': namespace,
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
    });
  }

  close(): void {
    this.#grpc.close();
  }

  async *#list(query: string): AsyncGenerator<WorkflowInfo, void, undefined> {
    let token: Uint8Array | undefined;
    do {
      const request = messages.listRequest(this.options.namespace, query, token);
      const page = await this.#call('ListWorkflowExecutions', request, messages.listResponse);
      yield* await Promise.all(page.executions.map((execution) => this.#infoOf(execution)));
      token = page.nextPageToken;
    } while (token !== undefined);
  }

  async #describe(id: string): Promise<WorkflowDescription> {
    const request = messages.describeRequest(this.options.namespace, id);
    const { execution, pendingActivities } = await this.#call(
      'DescribeWorkflowExecution',
      request,
      messages.describeResponse,
    );
    if (execution === undefined) return this.#fail(new Error('A description without a workflow.'));
    return { ...(await this.#infoOf(execution)), raw: { pendingActivities } };
  }

  async #query<T>(id: string, name: string): Promise<T> {
    const request = messages.queryRequest(this.options.namespace, id, name);
    const result = await this.#call('QueryWorkflow', request, messages.queryResponse);
    return fromPayload<T>((await this.#decode(result?.payloads ?? []))[0] ?? {});
  }

  async #infoOf({ type, workflowId, runId, status, startTime, closeTime, memo }: messages.ExecutionMessage) {
    const names = Object.keys(memo);
    const payloads = await this.#decode(Object.values(memo));
    const values = payloads.map((payload) => (isJson(payload) ? fromPayload<unknown>(payload) : undefined));
    return {
      type,
      workflowId,
      runId,
      closeTime,
      status: { name: messages.statusNames[status] ?? 'UNKNOWN' },
      startTime: startTime ?? new Date(0),
      memo: Object.fromEntries(names.map((name, index) => [name, values[index]])),
    };
  }

  /** Undoes the codecs, the last one first. */
  async #decode(payloads: Payload[]): Promise<Payload[]> {
    let decoded = payloads;
    for (const codec of this.options.loadedDataConverter.payloadCodecs.toReversed())
      decoded = await codec.decode(decoded);
    return decoded;
  }

  async #call<T>(method: string, request: Uint8Array, decode: (fields: Fields) => T): Promise<T> {
    const deadline = this.#deadline.getStore();
    const timeoutMs = deadline === undefined ? callTimeoutMs : Math.max(1, Math.round(deadline - Date.now()));
    try {
      return await this.#grpc.call(method, request, timeoutMs, decode);
    } catch (error) {
      const code = error instanceof GrpcError ? error.code : undefined;
      if (code === grpcCodes.notFound && error instanceof GrpcError && !error.message.startsWith('Namespace '))
        throw new WorkflowNotFoundError(error.message, { cause: error });
      const isNoAnswer = code === grpcCodes.deadlineExceeded && deadline !== undefined;
      if (isNoAnswer || (method === 'QueryWorkflow' && refusedQuery.some((known) => known === code))) throw error;
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    this.failed = true;
    throw error;
  }
}

/** The workflow fails the query, or no worker polls. */
const refusedQuery = [grpcCodes.invalidArgument, grpcCodes.failedPrecondition];

function isJson({ metadata }: Payload): boolean {
  return Buffer.from(metadata?.encoding ?? []).toString() === 'json/plain';
}

/** @throws TypeError when the payload is not JSON, as all payloads of gpu-clouds are */
function fromPayload<T>(payload: Payload): T {
  if (!isJson(payload)) throw new TypeError('A payload is not JSON.');
  return JSON.parse(Buffer.from(payload.data ?? []).toString());
}

/** Converts the TLS settings of Temporal's client to those of Node. */
function secure(tls: TemporalConnection['connection']['tls']): SecureClientSessionOptions | undefined {
  if (tls === undefined || tls === null || tls === false) return undefined;
  if (tls === true) return {};
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls;
  const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes);
  return {
    servername: serverNameOverride,
    ca: text(serverRootCACertificate),
    cert: text(clientCertPair?.crt),
    key: text(clientCertPair?.key),
  };
}

function textHeaders(metadata: TemporalConnection['connection']['metadata']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.toString('base64'),
    ]),
  );
}
