import { expect, test } from 'vitest';
import { failureOf, json, type Sent, thingClient } from './__fixtures__/things.ts';

const query = ({ url }: Sent) => new URL(url).searchParams;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const byCursor: Record<string, { data: { id: string }[]; next?: string | null }> = {
  first: { data: [{ id: '1' }, { id: '2' }], next: 'c2' },
  c2: { data: [], next: 'c3' },
  c3: { data: [{ id: '3' }], next: null },
};

test('items returns the items of all pages in order, past an empty page', async () => {
  const { client, sent } = thingClient((request) => json(byCursor[query(request).get('cursor') ?? 'first']));
  const items = await all(client.listThings.items({ query: { limit: 2 } }));
  expect(items.map(({ id }) => id)).toEqual(['1', '2', '3']);
  expect(sent.map((request) => query(request).get('limit'))).toEqual(['2', '2', '2']);
});

test('pages returns whole pages, starting at the requested cursor', async () => {
  const { client } = thingClient((request) => json(byCursor[query(request).get('cursor') ?? 'first']));
  expect(await all(client.listThings.pages({ query: { cursor: 'c2' } }))).toEqual([byCursor.c2, byCursor.c3]);
});

test('toArray returns all items, or the first `limit` without fetching further pages', async () => {
  const { client, sent } = thingClient((request) => json(byCursor[query(request).get('cursor') ?? 'first']));
  expect(await client.listThings.items().toArray()).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
  expect(sent).toHaveLength(3);
  expect(await client.listThings.items().toArray({ limit: 2 })).toEqual([{ id: '1' }, { id: '2' }]);
  expect(await client.listThings.pages().toArray({ limit: 1 })).toEqual([byCursor.first]);
  expect(sent).toHaveLength(5);
  expect(await client.listThings.items().toArray({ limit: 0 })).toEqual([]);
  expect(sent).toHaveLength(5);
});

test('a page is fetched only when it is needed', async () => {
  const { client, sent } = thingClient((request) => json(byCursor[query(request).get('cursor') ?? 'first']));
  for await (const { id } of client.listThings.items()) if (id === '2') break;
  expect(sent).toHaveLength(1);
});

test('a call of a paged method returns one page', async () => {
  const { client, sent } = thingClient([json(byCursor.first)]);
  await expect(client.listThings()).resolves.toEqual(byCursor.first);
  expect(sent).toHaveLength(1);
});

test('a repeated cursor is an error instead of an endless loop', async () => {
  const { client, sent } = thingClient([json({ data: [{ id: '1' }], next: 'same' })]);
  const error = await failureOf(all(client.listThings.items()));
  expect(error).toMatchObject({ code: 'unreadable', operation: 'listThings' });
  expect(sent).toHaveLength(2);
});

test('pages that stay empty are an error instead of an endless loop, though each has a new cursor', async () => {
  let cursors = 0;
  const { client, sent } = thingClient(() => json({ data: [], next: `c${++cursors}` }));
  expect(await failureOf(all(client.listThings.items()))).toMatchObject({
    code: 'unreadable',
    message: 'acme listThings (GET /things) was answered with pages that do not end.',
  });
  expect(sent).toHaveLength(101);
});

test('items continues after a hundred empty pages in a row, as often as they occur', async () => {
  let cursors = 0;
  const { client } = thingClient(() => {
    cursors += 1;
    return json({
      data: cursors % 101 === 0 ? [{ id: `${cursors}` }] : [],
      next: cursors === 303 ? null : `c${cursors}`,
    });
  });
  expect((await all(client.listThings.items())).map(({ id }) => id)).toEqual(['101', '202', '303']);
});

test.each([
  ['an error', { error: 'database failover' }],
  ['an empty object', {}],
  ['a bare list', []],
  ['null', null],
  ['a text', 'down'],
  ['null for the list', { data: null }],
])('a page that answers 200 with %s is unreadable, not empty', async (_what, body) => {
  const { client } = thingClient([json(byCursor.first), json(body)]);
  expect(await failureOf(all(client.listThings.items()))).toMatchObject({ code: 'unreadable', status: 200 });
  await expect(
    thingClient([json(body)])
      .client.listThings.pages()
      .toArray(),
  ).rejects.toThrow('no list of items');
  expect(await failureOf(thingClient([json(body)]).client.listThings())).toMatchObject({ code: 'unreadable' });
});

test.each([{ error: 'database failover' }, null])('a numbered page of %j is unreadable, not empty', async (body) => {
  const { client } = thingClient([json([{ id: '1' }]), json(body)]);
  expect(await failureOf(all(client.listNumbered.items()))).toMatchObject({ code: 'unreadable', status: 200 });
});

test('a page that fails ends the iteration with its error', async () => {
  const { client } = thingClient([json(byCursor.first), json({}, { status: 403 })]);
  expect(await failureOf(all(client.listThings.items()))).toMatchObject({ code: 'permission' });
});

const numbered = (total: number | undefined) => (request: Sent) => {
  const page = Number(query(request).get('page'));
  const ids = Array.from({ length: 5 }, (_, index) => ({ id: String(index + 1) }));
  return json(
    ids.slice((page - 1) * 2, page * 2),
    total === undefined ? {} : { headers: { 'X-Total': String(total) } },
  );
};

test('numbered pages are fetched until the total is reached', async () => {
  const { client, sent } = thingClient(numbered(5));
  const items = await all(client.listNumbered.items({ query: { size: 2 } }));
  expect(items.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5']);
  expect(sent.map((request) => query(request).get('page'))).toEqual(['1', '2', '3']);
});

test('numbered pages start at the requested page, and count the pages before it', async () => {
  const { client, sent } = thingClient(numbered(4));
  expect(await all(client.listNumbered.items({ query: { page: 2, size: 2 } }))).toEqual([{ id: '3' }, { id: '4' }]);
  expect(sent).toHaveLength(1);
});

test('numbered pages without a total end with the first page that is not full', async () => {
  const sized = thingClient(numbered(undefined));
  expect(await all(sized.client.listNumbered.items({ query: { size: 2 } }))).toHaveLength(5);
  expect(sized.sent).toHaveLength(3);
  const unsized = thingClient(numbered(undefined));
  expect(await all(unsized.client.listNumbered.items())).toHaveLength(5);
  expect(unsized.sent).toHaveLength(4);
  expect(await all(unsized.client.listNumbered.pages())).toHaveLength(3);
});

test('a repeated page is an error instead of an endless loop', async () => {
  const { client } = thingClient([json([{ id: '1' }])]);
  expect(await failureOf(all(client.listNumbered.items()))).toMatchObject({ code: 'unreadable' });
});
