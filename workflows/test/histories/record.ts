/** Plays every shape on a real server and writes down its histories: `pnpm record:histories`. */
import { writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, afterEach, beforeAll, it } from 'vitest';
import { Harness } from '../harness.ts';
import type { Execution } from './shape.ts';
import { shapes } from './shapes.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
// It replays all that was played.
afterAll(() => harness.close(), 600_000);

it.each(shapes)('$name', async ({ name, play }) => {
  const recorded: unknown[] = [];
  for (const execution of await play(harness)) {
    const { workflowId, runId, history: here } = typeof execution === 'string' ? of(execution) : execution;
    const history = here ?? (await harness.client.workflow.getHandle(workflowId, runId).fetchHistory());
    recorded.push({ workflowId, history: JSON.parse(historyToJSON(history), withoutTheInstance) });
  }
  await writeFile(new URL(`./generated/${name}.json`, import.meta.url), `${JSON.stringify(recorded)}\n`);
});

/** Its latest run. */
function of(workflowId: string): Partial<Execution> & Pick<Execution, 'workflowId'> {
  return { workflowId };
}

/** Leaves out who recorded and where: paths in stack traces, host names in identities. */
function withoutTheInstance(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  if (key === 'identity') return 'recorder';
  return value;
}
