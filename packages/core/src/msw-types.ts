import type { Arguments } from './method.ts';
import type { UncheckedAnswer } from './msw-reply.ts';

type Property<T, Key extends string> = T extends { [K in Key]?: infer Value } ? NonNullable<Value> : never;

type ClientFault = 400 | 401 | 402 | 403 | 404 | 405 | 406 | 408 | 409 | 410 | 412 | 413 | 415 | 418 | 422 | 429;
type ServerFault = 500 | 501 | 502 | 503 | 504;

/** The statuses that a key of a document's `responses` stands for. */
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

/** A range, `4XX` or `default`, without the statuses that the document describes by themselves. */
type OwnStatuses<Key, Responses> = Key extends number ? Key : Exclude<StatusesOf<Key>, keyof Responses>;

type Content<Response> = Response extends { content: infer ByMediaType } ? ByMediaType : never;

interface Framing<Status> {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `contentType` may be left out where the document has JSON. */
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

/** Every answer that the document gives an operation: status, body, and media type where it is not JSON. */
export type OperationAnswer<Op> =
  Property<Op, 'responses'> extends infer Responses
    ? { [Key in keyof Responses]: AnswerOf<OwnStatuses<Key, Responses>, Responses[Key]> }[keyof Responses]
    : never;

/** Path parameters as they arrive: texts. */
export type Params<Op> =
  Arguments<Op> extends { path: infer Path } ? { readonly [Name in keyof Path]: string } : Record<never, string>;

type QueryName<Op> =
  Arguments<Op> extends { query?: infer Values } ? Extract<keyof NonNullable<Values>, string> : never;

/** Query parameters as they arrive: texts, under the names that the document knows. */
export interface Query<Op> {
  /** The first value of a parameter, or null. */
  get(name: QueryName<Op>): string | null;
  /** All values of a parameter that is given several times. */
  getAll(name: QueryName<Op>): string[];
  /** Whether a parameter is given. */
  has(name: QueryName<Op>): boolean;
}

type MediaTypes<Op> = keyof Content<Property<Op, 'requestBody'>>;
type SentBody<Op> = Arguments<Op> extends { body?: infer Sent } ? Sent : undefined;

/** The body as it arrives: JSON as the client was given it, a form's fields as texts, with the credentials beside them. */
export type Body<Op> =
  MediaTypes<Op> extends 'application/x-www-form-urlencoded'
    ? { readonly [Field in keyof NonNullable<SentBody<Op>>]: string }
    : SentBody<Op>;

type FirstOf<Responses, Statuses extends readonly unknown[]> = Statuses extends readonly [infer First, ...infer Rest]
  ? First extends keyof Responses
    ? Content<Responses[First]>[keyof Content<Responses[First]>]
    : FirstOf<Responses, Rest>
  : undefined;

/** Body of the document's example of a success. */
export type ExampleBody<Op> = FirstOf<Property<Op, 'responses'>, [200, 201, 202, 203, 204, 207]>;

/** What a resolver is told of a request. */
export interface OperationInfo<Op> {
  /** The request itself. */
  readonly request: Request;
  /** The path's parameters, decoded. */
  readonly params: Params<Op>;
  /** The query's parameters; the compiler knows their names. */
  readonly query: Query<Op>;
  /** The request's body, parsed. May be asked for more than once. */
  body(): Promise<Body<Op>>;
  /** What the document's example of a success says, a copy for each request: `{ ...example, status: 'running' }`. */
  readonly example: ExampleBody<Op>;
}

/**
 * Answers a request as the document says the operation may, or with what `unchecked()` or a preset made. `undefined`
 * leaves it to the next handler.
 */
export type OperationResolver<Op> = (
  info: OperationInfo<Op>,
) => Resolved<Op> | undefined | Promise<Resolved<Op> | undefined>;

export type Resolved<Op> = OperationAnswer<Op> | UncheckedAnswer;
