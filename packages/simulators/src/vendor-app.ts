import { Hono } from 'hono';
import { type Answer, ConnectionCut, ErrorResponse, toResponse } from './answer.ts';
import { type DocumentedOperation, documentOf, type VendorDocument } from './documents.ts';
import type { FaultKind, FaultRule } from './faults.ts';
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
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the request may take effect: after the delay of a `latency` fault, or at once without one. */
  late(): Promise<void>;
  /** Returns the fault rule of this kind that applies to this call, if any. */
  fault(kind: FaultKind): FaultRule | undefined;
}

/** Handles a call that is authenticated and valid. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** The handler of one operation, identified by the method and path of the document. `{}` matches any parameter. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Requires no credentials. */
  readonly public?: true;
  /** The handler awaits {@link Call.late} itself, because it records the request first. */
  readonly waits?: true;
  readonly handle: Handler;
}

/** How a vendor reads requests, authenticates them, and reports errors. */
export interface VendorStyle {
  readonly vendor: Vendor;
  /** Media type of request bodies. */
  readonly media: string;
  /** Parses the body. @throws ErrorResponse when it cannot be parsed */
  readBody(request: Request): Promise<Record<string, unknown>>;
  /** Checks the credentials. @throws ErrorResponse when they are missing or wrong */
  authenticate(call: Call): void;
  /** Counts the call and returns rate limit headers for the response. @throws ErrorResponse over the limit */
  throttle?(call: Call): Record<string, string>;
  invalid(message: string): Answer;
  /** An internal server error without details. */
  broken(): Answer;
  rateLimited(seconds: number): Answer;
  notFound(): Answer;
}

/**
 * Creates the HTTP application of a vendor: faults, authentication, rate limits, and validation around the handlers.
 * Operations without a handler return the documented example.
 */
export function createVendorApp(world: World, style: VendorStyle, routes: readonly Route[]): Hono {
  const document = documentOf(style.vendor);
  const validator = validatorOf(document);
  const unknownRoute = routes.find((route) => !document.operations.some((operation) => isFor(route, operation)));
  if (unknownRoute !== undefined)
    throw new Error(`The document of ${style.vendor} has no operation ${unknownRoute.method} ${unknownRoute.path}.`);
  const app = new Hono();
  const base = new URL(document.baseUrl).pathname.replace(/\/$/, '');
  const paths = [...document.operations].sort((a, b) => rank(a.path) - rank(b.path));
  for (const operation of paths) {
    const route = routes.find((each) => isFor(each, operation));
    const pipeline = new Pipeline(world, style, document, validator, operation, route);
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
  return (path.match(/\{/g) ?? []).length;
}

function isFor(route: Route, operation: DocumentedOperation): boolean {
  return route.method === operation.method && shape(route.path) === shape(operation.path);
}

function shape(path: string): string {
  return path.replace(/\{\w*\}/g, '{}');
}

class Pipeline {
  readonly #world: World;
  readonly #style: VendorStyle;
  readonly #document: VendorDocument;
  readonly #validator: Validator;
  readonly #operation: DocumentedOperation;
  readonly #route: Route | undefined;

  constructor(
    world: World,
    style: VendorStyle,
    document: VendorDocument,
    validator: Validator,
    operation: DocumentedOperation,
    route: Route | undefined,
  ) {
    this.#world = world;
    this.#style = style;
    this.#document = document;
    this.#validator = validator;
    this.#operation = operation;
    this.#route = route;
  }

  async serve(request: Request, params: Record<string, string>): Promise<Response> {
    const latency = this.#fault('latency');
    // The delay begins when the request arrives.
    const late = latency === undefined ? Promise.resolve() : this.#world.wait(latency.seconds ?? 1);
    const broken = this.#wireFault();
    if (broken !== undefined) return toResponse(broken);
    const answer = await this.#answer(request, params, late);
    const problem = this.#problem(answer);
    if (problem !== undefined) return toResponse(this.#reportInvalid(problem));
    if (this.#fault('lost-response') !== undefined) throw new ConnectionCut('lost-response');
    return toResponse(answer);
  }

  #fault(kind: FaultKind): FaultRule | undefined {
    return this.#world.faults.take(this.#style.vendor, this.#operation.id, kind);
  }

  #wireFault(): Answer | undefined {
    if (this.#fault('refuse') !== undefined) throw new ConnectionCut('refuse');
    if (this.#fault('http-500') !== undefined) return this.#style.broken();
    if (this.#fault('http-502') !== undefined) return gatewayPage(502, 'Bad Gateway');
    if (this.#fault('http-503') !== undefined) return gatewayPage(503, 'Service Temporarily Unavailable');
    const limited = this.#fault('rate-limit');
    return limited === undefined ? undefined : this.#style.rateLimited(limited.seconds ?? 1);
  }

  async #answer(request: Request, params: Record<string, string>, late: Promise<void>): Promise<Answer> {
    let headers: Record<string, string> = {};
    try {
      const call = await this.#read(request, params, late);
      if (this.#route?.public !== true) {
        this.#style.authenticate(call);
        headers = this.#style.throttle?.(call) ?? {};
      }
      const problem = this.#validator.query(this.#operation, call.query) ?? this.#bodyProblem(call);
      if (problem !== undefined) return this.#style.invalid(problem);
      if (this.#route?.waits !== true) await call.late();
      const answer = await (this.#route?.handle(call) ?? this.#documented());
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (error) {
      if (error instanceof ErrorResponse) return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
      throw error;
    }
  }

  async #read(request: Request, params: Record<string, string>, late: Promise<void>): Promise<Call> {
    const url = new URL(request.url);
    const body = this.#operation.requestBody === undefined ? {} : await this.#style.readBody(request);
    return {
      operation: this.#operation.id,
      method: request.method,
      path: url.pathname,
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)])),
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
    return media.includes('json') ? { status, json: body } : { status, text: String(body), media };
  }

  #problem(answer: Answer): string | undefined {
    const media = answer.json !== undefined ? 'application/json' : answer.text === undefined ? undefined : 'text/plain';
    const named = answer.media?.split(';')[0] ?? media;
    return this.#validator.answer(this.#operation, answer.status, named, answer.json ?? answer.text);
  }

  #reportInvalid(problem: string): Answer {
    const message = `The ${this.#style.vendor} simulator's response does not match the vendor's document: ${problem}`;
    try {
      this.#world.onInvalidAnswer(message);
    } catch {
      // The client gets the message in the 500 below.
    }
    return { status: 500, json: { error: message } };
  }
}

function gatewayPage(status: number, reason: string): Answer {
  const text = `<html><head><title>${status} ${reason}</title></head><body><center><h1>${status} ${reason}</h1></center></body></html>`;
  return { status, text, media: 'text/html' };
}
