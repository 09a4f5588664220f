/** The smoke test as a page, and the mocks, which pages have a way of their own for: it asks its server for the setting, and posts what passed. */
import { mocks } from './page-mocks.ts';
import { type SmokeSetting, smoke } from './program.ts';

async function run(): Promise<unknown> {
  const setting = (await (await fetch('/setting')).json()) as SmokeSetting;
  const passed = await smoke(setting);
  await mocks();
  return { passed: [...passed, 'mocks'] };
}

const outcome = await run().catch((error) => ({ failure: String(error) }));
await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
