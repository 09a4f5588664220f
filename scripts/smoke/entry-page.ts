/** The smoke test as a page: it asks its server for the setting, and posts what passed. */
import { type SmokeSetting, smoke } from './program.ts';

async function run(): Promise<unknown> {
  const setting = (await (await fetch('/setting')).json()) as SmokeSetting;
  return { passed: await smoke(setting) };
}

const outcome = await run().catch((error) => ({ failure: String(error) }));
await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
