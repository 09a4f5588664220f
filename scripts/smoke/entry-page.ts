/** The smoke test in a page, with the mocks for pages. It gets its settings from its server, and posts the outcome. */
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
