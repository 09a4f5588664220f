import { Hono } from 'hono';
import { type Answer, ConnectionCut, ErrorResponse, mediaOf, ok, retryAfter, toResponse } from './answer.ts';
import { documentOf, type Operation, type VendorDocument } from './documents.ts';
import type { CallFault, FaultKind } from './faults.ts';
import { delayed, huge, truncated } from './odd-responses.ts';
import { documentedAnswer } from './sample.ts';
import { type Validator, validatorOf } from './validate.ts';
import type { Vendor } from './vendor.ts';
import type { World } from './world.ts';

/** A parsed request. */
export interface Call {
  /** operationId in the patched document. */
  readonly operation: string;
  readonly method: string;
  /** Path of the request, without its query. */
  readonly path: string;
  /** The first path parameter; empty when the operation has none. */
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the request may take effect: after the delay of a `latency` fault, or at once without one. */
  late(): Promise<void>;
  /** Returns the fault rule of this kind that applies to this call, if any. */
  fault(kind: FaultKind): CallFault | undefined;
}

/** Handles a call that is authenticated and valid. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** The handlers of a vendor by operationId. */
export type Handlers<OperationId extends string> = Readonly<Partial<Record<OperationId, Handler>>>;

/** How a vendor reads requests, authenticates them, and reports errors. */
export interface VendorStyle {
  readonly vendor: Vendor;
  /** Media type of request bodies. */
  readonly media: string;
  /** Operations that need no credentials (default: those without security in the document). */
  readonly publicOperations?: readonly string[];
  /** Parses the body. @throws ErrorResponse when it cannot be parsed */
  readBody(request: Request): Promise<Record<string, unknown>>;
  /** Checks the credentials of an operation that needs them. @throws ErrorResponse when they are missing or wrong */
  authenticate(call: Call): void;
  /** Counts the call and returns rate limit headers for the response. @throws ErrorResponse over the limit */
  throttle?(call: Call): Record<string, string>;
  /** Calls the handler once the request may take effect (default: after {@link Call.late}). */
  perform?(call: Call, handle: Handler): Promise<Answer>;
  invalid(message: string): Answer;
  /** An internal server error without details. */
  broken(): Answer;
  rateLimited(): Answer;
  notFound(): Answer;
}

/**
 * Creates the HTTP application of a vendor: faults, authentication, rate limits, and validation around the handlers.
 * Operations without a handler return the documented example.
 */
export function createVendorApp(world: World, style: VendorStyle, handlers: Readonly<Record<string, Handler>>): Hono {
  const document = documentOf(style.vendor);
  const validator = validatorOf(document);
  const known = new Set(document.operations.map(({ id }) => id));
  const unknownOperation = Object.keys(handlers).find((id) => !known.has(id));
  if (unknownOperation !== undefined) throw new Error(`${style.vendor} has no operation ${unknownOperation}.`);
  const app = new Hono();
  const base = new URL(document.baseUrl).pathname.replace(/\/$/, '');
  for (const operation of [...document.operations].sort((a, b) => rank(a.path) - rank(b.path))) {
    const pipeline = new Pipeline(world, style, document, validator, operation, handlers[operation.id]);
    app.on(operation.method, base + operation.path.replace(/\{(\w+)\}/g, ':$1'), (context) =>
      pipeline.serve(context.req.raw, context.req.param()),
    );
  }
  // By default, Hono turns a ConnectionCut into a 500.
  app.onError((error) => {
    throw error;
  });
  app.notFound(() => toResponse(style.notFound()));
  return app;
}

/** Sorts fixed paths before paths with parameters, so that `/volumes/trash` does not match `/volumes/{id}`. */
function rank(path: string): number {
  return path.endsWith('*') ? Number.POSITIVE_INFINITY : (path.match(/\{/g) ?? []).length;
}

class Pipeline {
  readonly #world: World;
  readonly #style: VendorStyle;
  readonly #document: VendorDocument;
  readonly #validator: Validator;
  readonly #operation: Operation;
  readonly #handler: Handler;

  constructor(
    world: World,
    style: VendorStyle,
    document: VendorDocument,
    validator: Validator,
    operation: Operation,
    handler: Handler | undefined,
  ) {
    this.#world = world;
    this.#style = style;
    this.#document = document;
    this.#validator = validator;
    this.#operation = operation;
    this.#handler = handler ?? (() => this.#documented());
  }

  async serve(request: Request, params: Record<string, string>): Promise<Response> {
    const answer = await this.#served(request, params);
    this.#world.onCall({ vendor: this.#style.vendor, operation: this.#operation.id, status: answer.status });
    return this.#distorted(toResponse(answer));
  }

  /** @throws ConnectionCut when a fault closes the connection */
  async #served(request: Request, params: Record<string, string>): Promise<Answer> {
    const latency = this.#fault('latency');
    // The delay begins when the request arrives.
    const late = latency === undefined ? Promise.resolve() : this.#world.wait(latency.seconds ?? 1);
    const broken = this.#wireFault();
    if (broken !== undefined) return broken;
    const answer = await this.#answer(request, params, late);
    const problem = this.#problem(answer);
    if (problem !== undefined) return this.#reportInvalid(problem);
    if (this.#fault('lost-response') !== undefined) throw new ConnectionCut('lost-response');
    return answer;
  }

  /** Applies the faults of a response whose request has taken effect. */
  async #distorted(response: Response): Promise<Response> {
    if (this.#fault('truncated') !== undefined) return truncated(response);
    if (this.#fault('huge') !== undefined) return huge(response);
    const slow = this.#fault('slow');
    return slow === undefined ? response : delayed(response, () => this.#world.wait(slow.seconds ?? 5));
  }

  #fault(kind: FaultKind): CallFault | undefined {
    return this.#world.faults.take(this.#style.vendor, this.#operation.id, kind);
  }

  #wireFault(): Answer | undefined {
    if (this.#fault('refuse') !== undefined) throw new ConnectionCut('refuse');
    if (this.#fault('http-500') !== undefined) return this.#style.broken();
    if (this.#fault('http-502') !== undefined) return gatewayPage(502, 'Bad Gateway');
    if (this.#fault('http-503') !== undefined) return gatewayPage(503, 'Service Temporarily Unavailable');
    if (this.#fault('not-found') !== undefined) return this.#style.notFound();
    if (this.#fault('html') !== undefined) return gatewayPage(200, 'Welcome to the Wi-Fi of this hotel');
    if (this.#fault('redirect') !== undefined) return elsewhere;
    const limited = this.#fault('rate-limit');
    return limited && retryAfter(limited.seconds ?? 1, this.#style.rateLimited());
  }

  async #answer(request: Request, params: Record<string, string>, late: Promise<void>): Promise<Answer> {
    let headers: Record<string, string> = {};
    try {
      const call = await this.#read(request, params, late);
      if (!(this.#style.publicOperations?.includes(this.#operation.id) ?? this.#operation.public)) {
        this.#style.authenticate(this.#fault('unauthorized') === undefined ? call : withoutCredentials(call));
        headers = this.#style.throttle?.(call) ?? {};
      }
      const problem = this.#validator.query(this.#operation, call.query) ?? this.#bodyProblem(call);
      if (problem !== undefined) return this.#style.invalid(problem);
      const answer = await (this.#style.perform ?? performLate)(call, this.#handler);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (error) {
      if (error instanceof ErrorResponse) return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
      throw error;
    }
  }

  async #read(request: Request, params: Record<string, string>, late: Promise<void>): Promise<Call> {
    const url = new URL(request.url);
    const body = this.#operation.requestBody === undefined ? {} : await this.#style.readBody(request);
    const decoded = Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)] as const);
    return {
      operation: this.#operation.id,
      method: request.method,
      path: url.pathname,
      id: decoded[0]?.[1] ?? '',
      params: Object.fromEntries(decoded),
      query: url.searchParams,
      headers: request.headers,
      body,
      late: () => late,
      fault: (kind) => this.#fault(kind),
    };
  }

  #bodyProblem(call: Call): string | undefined {
    if (this.#operation.requestBody === undefined) return undefined;
    const empty = Object.keys(call.body).length === 0 && this.#operation.requestBody.required !== true;
    return empty ? undefined : this.#validator.body(this.#operation, this.#style.media, call.body);
  }

  #documented(): Answer {
    const { status, media, body } = documentedAnswer(this.#document, this.#operation);
    if (media === undefined) return { status };
    return media.includes('json') ? ok(body, status) : { status, text: String(body), media };
  }

  #problem(answer: Answer): string | undefined {
    const media = mediaOf(answer)?.split(';')[0];
    return this.#validator.answer(this.#operation, answer.status, media, answer.json ?? answer.text);
  }

  #reportInvalid(problem: string): Answer {
    const message = `The ${this.#style.vendor} simulator's response does not match the vendor's document: ${problem}`;
    try {
      this.#world.onInvalidAnswer(message);
    } catch {
      // The client gets the message in the 500 below.
    }
    return ok({ error: message }, 500);
  }
}

async function performLate(call: Call, handle: Handler): Promise<Answer> {
  await call.late();
  return handle(call);
}

function gatewayPage(status: number, reason: string): Answer {
  const text = `<html><head><title>${status} ${reason}</title></head><body><center><h1>${status} ${reason}</h1></center></body></html>`;
  return { status, text, media: 'text/html' };
}

const elsewhere: Answer = { status: 302, headers: { location: 'https://login.simulators.invalid/' } };

function withoutCredentials(call: Call): Call {
  return { ...call, headers: new Headers(), query: new URLSearchParams(), body: {} };
}

/** Returns the origin at which the caller reaches this server, or a name that is always this computer without a server. */
export function originOf({ headers }: Pick<Call, 'headers'>): string {
  const host = headers.get('host');
  return host === null ? offlineOrigin : `http://${host}`;
}

/** Origin in responses while no server listens. `localhost` and its subdomains never leave the computer (RFC 6761). */
export const offlineOrigin = 'https://simulators.localhost';
