import { expectTypeOf, test } from 'vitest';
import type { CreateInstance, Instance } from './index.ts';
import { handlers, outOfCapacity, verdaHandlers } from './msw.ts';

test('a handler accepts responses of the document', () => {
  verdaHandlers.createInstance(async ({ body }) => {
    expectTypeOf(await body()).toEqualTypeOf<CreateInstance>();
    return { status: 202, body: 'an-id' };
  });
  verdaHandlers.getInstance(({ params, example }) => {
    expectTypeOf(params).toEqualTypeOf<{ readonly instance_id: string }>();
    expectTypeOf(example).toEqualTypeOf<Instance>();
    return { status: 200, body: { ...example, id: params.instance_id, status: 'a-status-of-tomorrow' } };
  });
  verdaHandlers.listScripts(({ query }) => {
    expectTypeOf(query.get).parameter(0).toEqualTypeOf<'name' | 'page' | 'pageSize'>();
    return { status: 400, body: { code: 'invalid_request', message: `no page ${query.get('page')}` } };
  });
  expectTypeOf(verdaHandlers.createInstance).toBeCallableWith(outOfCapacity(), { once: true });
});

test('handlers() accepts responses by operation and checks their types', () => {
  handlers({
    answers: {
      createInstance: outOfCapacity(),
      getInstance: ({ params, example }) => ({ status: 200, body: { ...example, id: params.instance_id } }),
      listScripts: { status: 400, body: { code: 'invalid_request', message: 'no such page' } },
    },
  });
  // @ts-expect-error an id is a string, not an object
  handlers({ answers: { createInstance: { status: 202, body: { id: 'an-id' } } } });
  // @ts-expect-error most properties are missing
  handlers({ answers: { getInstance: () => ({ status: 200, body: { id: 'an-id' } }) } });
});

test('a handler refuses responses that the document lacks', () => {
  // @ts-expect-error an id is a string, not an object
  verdaHandlers.createInstance({ status: 202, body: { id: 'an-id' } });
  // @ts-expect-error a create returns 202
  verdaHandlers.createInstance(() => ({ status: 201, body: 'an-id' }));
  // @ts-expect-error most properties are missing
  verdaHandlers.getInstance(() => ({ status: 200, body: { id: 'an-id' } }));
  // @ts-expect-error a lookup returns an array of one
  verdaHandlers.getSshKey({ status: 200, body: { id: 'a', name: 'b', key: 'c' } });
  // @ts-expect-error no operation has this name
  handlers({ answers: { createMachine: { status: 200 } } });
});
