import { describe, expectTypeOf, test } from 'vitest';
import { type OperationHandlers, unchecked } from './msw.ts';
import type { Body, ExampleBody, OperationAnswer, Params } from './msw-types.ts';

interface Thing {
  id: string;
  note?: string | null;
}
interface Problem {
  code: string;
}
type Headers = { [name: string]: unknown };

interface operations {
  getThing: {
    parameters: { query?: { verbose?: boolean }; header?: never; path: { id: string; part: number }; cookie?: never };
    requestBody?: never;
    responses: {
      200: { headers: Headers; content: { 'application/json': Thing } };
      404: { headers: Headers; content: { 'application/problem+json': Problem } };
      default: { headers: Headers; content: { 'application/json': { message: string } } };
    };
  };
  createThing: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody: { content: { 'application/json': { name: string; size?: number } } };
    responses: { 202: { headers: Headers; content: { 'application/json': string; 'text/plain': string } } };
  };
  submitThing: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody?: { content: { 'application/x-www-form-urlencoded': { spot: boolean; price?: number } } };
    responses: { 200: { headers: Headers; content: { 'application/json': Thing } }; '4XX': { headers: Headers } };
  };
  deleteThing: {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    requestBody?: never;
    responses: { 204: { headers: Headers; content?: never } };
  };
}
declare const things: OperationHandlers<operations>;

describe('an answer', () => {
  test('has a status and the body that the document gives it', () => {
    expectTypeOf(things.getThing).toBeCallableWith({ status: 200, body: { id: 'a' } });
    expectTypeOf(things.getThing).toBeCallableWith({ status: 200, body: { id: 'a', note: null } });
    expectTypeOf(things.getThing).toBeCallableWith({ status: 503, body: { message: 'later' } });
    // @ts-expect-error the id is required
    things.getThing({ status: 200, body: {} });
    // @ts-expect-error the id is a text
    things.getThing({ status: 200, body: { id: 1 } });
    // @ts-expect-error a thing has no colour
    things.getThing({ status: 200, body: { id: 'a', colour: 'red' } });
    // @ts-expect-error this body belongs to other statuses
    things.getThing({ status: 200, body: { message: 'later' } });
    // @ts-expect-error the document describes 404 by itself
    things.getThing({ status: 404, body: { message: 'none' } });
    // @ts-expect-error no creation answers 200
    things.createThing({ status: 200, body: 'a' });
    // @ts-expect-error nothing comes with a 204
    things.deleteThing({ status: 204, body: { id: 'a' } });
    // @ts-expect-error there has to be a body
    things.getThing({ status: 200 });
  });

  test('names its media type where it is not JSON', () => {
    expectTypeOf(things.createThing).toBeCallableWith({ status: 202, body: 'a', contentType: 'text/plain' });
    expectTypeOf(things.createThing).toBeCallableWith({ status: 202, body: 'a' });
    const contentType = 'application/problem+json';
    expectTypeOf(things.getThing).toBeCallableWith({ status: 404, body: { code: 'none' }, contentType });
    // @ts-expect-error a 404 is a problem document
    things.getThing({ status: 404, body: { code: 'none' } });
  });

  test('of a range is one of its statuses', () => {
    expectTypeOf<OperationAnswer<operations['deleteThing']>['status']>().toEqualTypeOf<204>();
    expectTypeOf(things.submitThing).toBeCallableWith({ status: 409 });
    // @ts-expect-error a 5xx is no 4XX
    things.submitThing({ status: 500 });
  });

  test('may be anything when it is said to be unchecked', () => {
    expectTypeOf(things.getThing).toBeCallableWith(unchecked({ status: 418, body: 'teapot' }));
    expectTypeOf(things.getThing).toBeCallableWith(() => unchecked(() => Response.json({ anything: true })));
    // @ts-expect-error a bare Response would hide what it holds from the compiler
    things.getThing(() => Response.json({ anything: true }));
  });
});

describe('a resolver', () => {
  test('is told of the request in the words of the document', () => {
    things.getThing(({ params, query, example }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly id: string; readonly part: string }>();
      expectTypeOf(query.get).parameter(0).toEqualTypeOf<'verbose'>();
      expectTypeOf(example).toEqualTypeOf<Thing>();
      return { status: 200, body: { ...example, note: query.get('verbose') } };
    });
    // @ts-expect-error there is no such path parameter
    things.deleteThing(({ params }) => unchecked({ status: 200, body: params.uuid }));
    expectTypeOf<Params<operations['createThing']>>().toEqualTypeOf<Record<never, string>>();
  });

  test('reads the body that the operation takes; a form holds texts', () => {
    expectTypeOf<Body<operations['createThing']>>().toEqualTypeOf<{ name: string; size?: number }>();
    expectTypeOf<Body<operations['submitThing']>>().toEqualTypeOf<{
      readonly spot: string;
      readonly price?: string;
    }>();
    expectTypeOf<Body<operations['getThing']>>().toEqualTypeOf<undefined>();
    things.createThing(async ({ body }) => ({ status: 202, body: (await body()).name }));
    // @ts-expect-error the size is not always there
    things.createThing(async ({ body }) => ({ status: 202, body: (await body()).size.toFixed() }));
  });

  test('cannot answer what the document does not know', () => {
    // @ts-expect-error the id is a text
    things.getThing(() => ({ status: 200, body: { id: 1 } }));
    // @ts-expect-error there is no such answer
    things.deleteThing(async () => ({ status: 299 }));
    things.deleteThing(() => undefined);
  });

  test('has the body of a success as its example', () => {
    expectTypeOf<ExampleBody<operations['createThing']>>().toEqualTypeOf<string>();
    expectTypeOf<ExampleBody<operations['deleteThing']>>().toEqualTypeOf<never>();
  });
});
