import { describe, expectTypeOf, test } from 'vitest';
import type { ApiPromise } from './api-promise.ts';
import type { Answer, Arguments, Item, Method, PagedMethod } from './method.ts';
import type { Paged } from './pages.ts';

interface Thing {
  id: string;
}
interface operations {
  getThing: {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    requestBody?: never;
    responses: {
      200: { headers: { [name: string]: unknown }; content: { 'application/json': Thing } };
      404: { headers: { [name: string]: unknown }; content: { 'application/json': { code: string } } };
    };
  };
  createThing: {
    parameters: { query?: never; header: { 'Idempotency-Key': string }; path?: never; cookie?: never };
    requestBody: { content: { 'application/json': { name: string } } };
    responses: {
      201: { headers: { [name: string]: unknown }; content: { 'application/json': string; 'text/plain': string } };
      204: { headers: { [name: string]: unknown }; content?: never };
    };
  };
  listThings: {
    parameters: { query?: { cursor?: string }; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: { 200: { headers: { [name: string]: unknown }; content: { 'application/json': { data?: Thing[] } } } };
  };
  listBare: {
    parameters: { query?: { page?: number }; header?: never; path?: never; cookie?: never };
    requestBody?: { content: { 'application/json': { filter: string } } };
    responses: { 200: { headers: { [name: string]: unknown }; content: { 'application/json': Thing[] } } };
  };
  ping: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: { 204: { headers: { [name: string]: unknown }; content?: never } };
  };
}

describe('a method', () => {
  test('asks for what the operation requires and for nothing else', () => {
    expectTypeOf<Arguments<operations['getThing']>>().toEqualTypeOf<{ path: { id: string } }>();
    expectTypeOf<Arguments<operations['createThing']>>().toEqualTypeOf<{
      header?: { 'Idempotency-Key'?: string } | undefined;
      body: { name: string };
    }>();
    expectTypeOf<Arguments<operations['listBare']>>().toEqualTypeOf<{
      query?: { page?: number } | undefined;
      body?: { filter: string } | undefined;
    }>();
    // @ts-expect-error a method without arguments takes none
    expectTypeOf<Method<operations['ping']>>().toBeCallableWith({ path: { id: '1' } });
    expectTypeOf<Method<operations['ping']>>().toBeCallableWith();
    expectTypeOf<Method<operations['listBare']>>().toBeCallableWith();
    // @ts-expect-error the path is required
    expectTypeOf<Method<operations['getThing']>>().toBeCallableWith();
  });

  test('resolves to the bodies of the 2xx answers', () => {
    expectTypeOf<Answer<operations['getThing']>>().toEqualTypeOf<Thing>();
    expectTypeOf<Answer<operations['createThing']>>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Answer<operations['ping']>>().toEqualTypeOf<undefined>();
    expectTypeOf<ReturnType<Method<operations['getThing']>>>().toEqualTypeOf<ApiPromise<Thing>>();
  });

  test('iterates over items and pages where the operation is paged', () => {
    expectTypeOf<Item<operations['listThings'], 'data'>>().toEqualTypeOf<Thing>();
    expectTypeOf<Item<operations['listBare']>>().toEqualTypeOf<Thing>();
    expectTypeOf<PagedMethod<operations['listThings'], 'data'>['items']>().returns.toEqualTypeOf<Paged<Thing>>();
    expectTypeOf<PagedMethod<operations['listBare']>['pages']>().returns.toEqualTypeOf<Paged<Thing[]>>();
    expectTypeOf<PagedMethod<operations['listThings'], 'data'>>().toBeCallableWith({ query: { cursor: 'a' } });
  });
});
