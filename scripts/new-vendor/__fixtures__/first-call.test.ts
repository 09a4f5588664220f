import { setupServer } from 'msw/node';
import { expect, expectTypeOf, test } from 'vitest';
import { createSkyForge } from './index.ts';
import { skyForgeHandlers } from './msw.ts';

test('a call sends the key in the header that the document names, and resolves to the typed answer', async () => {
  const sent: (string | null)[] = [];
  const server = setupServer(
    skyForgeHandlers.createMachine(async ({ request, body }) => {
      sent.push(request.headers.get('x-forge-key'));
      return { status: 201, body: { id: 'm-2', gpu: (await body()).gpu } };
    }),
    skyForgeHandlers.listMachines(),
  );
  server.listen({ onUnhandledFrame: 'error' });
  const client = createSkyForge({ apiKey: 'the-key' });
  const machine = await client.createMachine({ body: { gpu: 'A100' } });
  expectTypeOf(machine.gpu).toEqualTypeOf<string>();
  expect([machine, await client.listMachines(), sent]).toEqual([
    { id: 'm-2', gpu: 'A100' },
    [{ id: 'm-1', gpu: 'H100' }],
    ['the-key'],
  ]);
  server.close();
});
