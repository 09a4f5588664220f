import type { ApiPromise } from './api-promise.ts';
import type { CallOptions } from './call-options.ts';
import type { Paged } from './pages.ts';

type Simplify<T> = { [Key in keyof T]: T[Key] };
type Property<T, Key extends string> = T extends { [K in Key]?: infer Value } ? NonNullable<Value> : never;
type RequiredKey<T> = { [Key in keyof T]-?: Pick<T, Key> extends Required<Pick<T, Key>> ? Key : never }[keyof T];

/** `{ path: … }`, `{ query?: … }`, or nothing, depending on the operation's parameters. */
type ParameterGroup<Op, Group extends 'path' | 'query'> = [Property<Property<Op, 'parameters'>, Group>] extends [never]
  ? unknown
  : Group extends RequiredKey<Property<Op, 'parameters'>>
    ? { [Key in Group]: Property<Property<Op, 'parameters'>, Group> }
    : { [Key in Group]?: Property<Property<Op, 'parameters'>, Group> | undefined };

/** Header parameters are always optional: the client sets the required ones, such as `Idempotency-Key`. */
type HeaderGroup<Op> = [Property<Property<Op, 'parameters'>, 'header'>] extends [never]
  ? unknown
  : { header?: Partial<Property<Property<Op, 'parameters'>, 'header'>> | undefined };

type Content<T> = T extends { content: infer ByMediaType } ? ByMediaType[keyof ByMediaType] : undefined;

type Body<Op> = [Property<Op, 'requestBody'>] extends [never]
  ? unknown
  : 'requestBody' extends RequiredKey<Op>
    ? { body: Content<Property<Op, 'requestBody'>> }
    : { body?: Content<Property<Op, 'requestBody'>> | undefined };

/** The arguments of an operation that takes none. */
export interface NoArguments {
  /** The operation has no path parameter. */
  path?: never;
  /** The operation has no query parameter. */
  query?: never;
  /** The operation has no header parameter. */
  header?: never;
  /** The operation takes no body. */
  body?: never;
}

type DeclaredArguments<Op> = ParameterGroup<Op, 'path'> & ParameterGroup<Op, 'query'> & HeaderGroup<Op> & Body<Op>;

/** The first argument of a method: `{ path, query, header, body }`, each only where the operation has it. */
export type Arguments<Op> = unknown extends DeclaredArguments<Op> ? NoArguments : Simplify<DeclaredArguments<Op>>;

type SuccessStatus = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226 | '2XX';

/** What a method resolves to: the body of a 2xx response, or `undefined` when there is none. */
export type Answer<Op> =
  Property<Op, 'responses'> extends infer Responses
    ? { [Status in keyof Responses & SuccessStatus]: Content<Responses[Status]> }[keyof Responses & SuccessStatus]
    : never;

type OptionalArguments<Op> = [RequiredKey<Arguments<Op>>] extends [never] ? true : false;

type Call<Op, Result> =
  OptionalArguments<Op> extends true
    ? (args?: Arguments<Op>, options?: CallOptions) => Result
    : (args: Arguments<Op>, options?: CallOptions) => Result;

/**
 * An operation as a method. `Op` is a member of openapi-typescript's `operations`.
 * Rejects with an `ApiError`, and with nothing else.
 */
export type Method<Op> = Call<Op, ApiPromise<Answer<Op>>>;

/** An item of a page. The page is an array, or has an array under `ItemsKey`. */
export type Item<Op, ItemsKey extends string = never> = [ItemsKey] extends [never]
  ? Answer<Op> extends readonly (infer Element)[]
    ? Element
    : never
  : Property<Answer<Op>, ItemsKey> extends readonly (infer Element)[]
    ? Element
    : never;

/**
 * A method of an operation with pages. A call returns one page. `ItemsKey` names the property of the answer that holds the
 * items. Without it, the answer is the array.
 */
export type PagedMethod<Op, ItemsKey extends string = never> = Method<Op> & {
  /** Iterates over the items of all pages. Each page is fetched when it is needed. */
  items: Call<Op, Paged<Item<Op, ItemsKey>>>;
  /** Iterates over all pages. Each page is fetched when it is needed. */
  pages: Call<Op, Paged<Answer<Op>>>;
};
