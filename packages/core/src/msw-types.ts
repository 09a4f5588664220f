import type { Arguments } from './method.ts';
import type { UncheckedAnswer } from './msw-reply.ts';

type Property<T, Key extends string> = T extends { [K in Key]?: infer Value } ? NonNullable<Value> : never;

type ClientFault = 400 | 401 | 402 | 403 | 404 | 405 | 406 | 408 | 409 | 410 | 412 | 413 | 415 | 418 | 422 | 429;
type ServerFault = 500 | 501 | 502 | 503 | 504;

/** The statuses that a key of the document's `responses` covers. */
type StatusesOf<Key> = Key extends number
  ? Key
  : Key extends '2XX'
    ? 200 | 201 | 202 | 204
    : Key extends '4XX'
      ? ClientFault
      : Key extends '5XX'
        ? ServerFault
        : Key extends 'default'
          ? ClientFault | ServerFault
          : never;

/** The statuses of `4XX` or `default`, without those that the document describes separately. */
type OwnStatuses<Key, Responses> = Key extends number ? Key : Exclude<StatusesOf<Key>, keyof Responses>;

type Content<Response> = Response extends { content: infer ByMediaType } ? ByMediaType : never;

interface Framing<Status> {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response with a body. `contentType` is optional for JSON. */
type WithBody<Status, ByMediaType> = {
  [MediaType in keyof ByMediaType]: Framing<Status> & {
    readonly body: ByMediaType[MediaType];
  } & (MediaType extends 'application/json'
      ? { readonly contentType?: MediaType }
      : { readonly contentType: MediaType });
}[keyof ByMediaType];

type AnswerOf<Status, Response> = [Content<Response>] extends [never]
  ? Framing<Status> & { readonly body?: undefined }
  : WithBody<Status, Content<Response>>;

/** Every response that the document has for an operation: status, body, and media type unless it is JSON. */
export type OperationAnswer<Op> =
  Property<Op, 'responses'> extends infer Responses
    ? { [Key in keyof Responses]: AnswerOf<OwnStatuses<Key, Responses>, Responses[Key]> }[keyof Responses]
    : never;

/** Path parameters as they arrive, as strings. */
export type Params<Op> =
  Arguments<Op> extends { path: infer Path } ? { readonly [Name in keyof Path]: string } : Record<never, string>;

type QueryName<Op> =
  Arguments<Op> extends { query?: infer Values } ? Extract<keyof NonNullable<Values>, string> : never;

/** Query parameters as they arrive, as strings, under the names in the document. */
export interface Query<Op> {
  /** Returns the first value of a parameter, or null. */
  get(name: QueryName<Op>): string | null;
  /** Returns all values of a parameter. */
  getAll(name: QueryName<Op>): string[];
  /** Returns true when a parameter is present. */
  has(name: QueryName<Op>): boolean;
}

type MediaTypes<Op> = keyof Content<Property<Op, 'requestBody'>>;
type SentBody<Op> = Arguments<Op> extends { body?: infer Sent } ? Sent : undefined;

/** The body as it arrives: JSON as the caller passed it, or the fields of a form as strings, with the credentials. */
export type Body<Op> =
  MediaTypes<Op> extends 'application/x-www-form-urlencoded'
    ? { readonly [Field in keyof NonNullable<SentBody<Op>>]: string }
    : SentBody<Op>;

type FirstOf<Responses, Statuses extends readonly unknown[]> = Statuses extends readonly [infer First, ...infer Rest]
  ? First extends keyof Responses
    ? Content<Responses[First]>[keyof Content<Responses[First]>]
    : FirstOf<Responses, Rest>
  : undefined;

/** The body of the document's example of a success. */
export type ExampleBody<Op> = FirstOf<Property<Op, 'responses'>, [200, 201, 202, 203, 204, 207]>;

/** What a resolver gets of a request. */
export interface OperationInfo<Op> {
  /** The request. */
  readonly request: Request;
  /** The path parameters, decoded. */
  readonly params: Params<Op>;
  /** The query parameters. */
  readonly query: Query<Op>;
  /** Returns the parsed request body. May be called more than once. */
  body(): Promise<Body<Op>>;
  /** A copy of the document's example of a success: `{ ...example, status: 'running' }`. */
  readonly example: ExampleBody<Op>;
}

/**
 * Returns a response from the document, or one made by `unchecked()` or a preset. `undefined` leaves the request to the next
 * handler.
 */
export type OperationResolver<Op> = (
  info: OperationInfo<Op>,
) => Resolved<Op> | undefined | Promise<Resolved<Op> | undefined>;

export type Resolved<Op> = OperationAnswer<Op> | UncheckedAnswer;
