import type { Authentication } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import type { ClientOptions } from './client-options.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { Quirks } from './quirks.ts';
import type { CallArguments, OutgoingRequest, Reply, RequestContext } from './request-context.ts';

/** What a vendor's client is made of. */
export interface ClientDefinition extends ClientOptions {
  /** The vendor's package name. Error messages begin with it. */
  readonly vendor: string;
  /** The generated operation table. */
  readonly operations: OperationTable;
  /** Base URL of the API, without a trailing slash. */
  readonly baseUrl: string;
  /** How requests get their credentials. */
  readonly auth: Authentication;
  /** Where the vendor differs from its document. */
  readonly quirks?: Quirks | undefined;
}

/** The parts of a client that its raw client uses. */
export interface ClientInternals {
  readonly definition: ClientDefinition;
  /** Sends a request with credentials, timeouts, and retries. */
  send(outgoing: OutgoingRequest, context: RequestContext): Promise<Reply>;
  createContext(operation: string, row: Operation, args: CallArguments, options?: CallOptions): RequestContext;
  /** Runs a call, emits its events, and turns every failure into an `ApiError`. */
  run<T>(context: RequestContext, call: () => Promise<T>): Promise<T>;
  /** Reads the body of a 2xx response. @throws {InternalError} `unreadable` */
  read(context: RequestContext, reply: Reply): unknown;
}

/** The key under which a client keeps its {@link ClientInternals}. The same in all copies of this package. */
export const clientInternals = Symbol.for('@gpu-clouds/core/internals');
