import { setImmediate } from 'node:timers/promises';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { mustEndByMemo, workflowNames } from '../workflow-api.ts';
import { ownersInTemporal } from './owners.ts';

/** What Temporal has under an ID. */
interface Known {
  readonly type?: string;
  readonly status?: string;
  readonly memo?: Readonly<Record<string, unknown>>;
  /** ID of the workflow that started it. */
  readonly parent?: string;
  readonly children?: readonly string[];
}

/** A Temporal server with these workflows, and none under other IDs. It answers after a turn of the event loop. */
class Server {
  readonly described: string[] = [];
  mostAtOnce = 0;
  readonly client: Client;
  #pending = 0;

  constructor(workflows: (id: string) => Known | undefined) {
    const describe = async (id: string) => {
      this.described.push(id);
      this.#pending += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#pending);
      await setImmediate();
      this.#pending -= 1;
      const known = workflows(id);
      if (known === undefined) throw new WorkflowNotFoundError('not found', id, undefined);
      const { type = workflowNames.instance, status = 'RUNNING', memo, parent, children } = known;
      const parentExecution = parent === undefined ? undefined : { workflowId: parent };
      const pendingChildren = children?.map((workflowId) => ({ workflowId }));
      const raw = { workflowExecutionInfo: { parentExecution }, pendingChildren };
      return { workflowId: id, type, status: { name: status }, memo, raw };
    };
    const getHandle = (id: string) => ({ describe: () => describe(id) });
    this.client = Object.assign(new Client(), { workflow: { getHandle } });
  }
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `gpuc-default-run-${index}`);

it('a thousand owners are looked up fifty at a time, each once', async () => {
  const server = new Server(() => ({}));
  const owners = await ownersInTemporal(server.client)([...ids(1000), ...ids(1000)]);
  expect([server.mostAtOnce, server.described.length]).toEqual([50, 1000]);
  expect(new Set(owners.values())).toEqual(new Set(['running']));
  expect([...owners.keys()].toSorted()).toEqual(ids(1000).toSorted());
});

it('the run of several nodes is looked up once, and says which of them it knows', async () => {
  const children = ids(3).slice(1);
  const run = { type: workflowNames.job, children };
  const server = new Server((id) => (id === 'run' ? run : { parent: 'run' }));
  const owners = await ownersInTemporal(server.client)(ids(3));
  expect(ids(3).map((id) => owners.get(id))).toEqual(['closed', 'running', 'running']);
  expect(server.described.filter((id) => id === 'run')).toHaveLength(1);
});

it('an owner that could not be looked up has an error, and the others have their states', async () => {
  const known: Readonly<Record<string, Known>> = {
    live: {},
    paused: { status: 'PAUSED' },
    terminated: { status: 'TERMINATED' },
    late: { memo: { [mustEndByMemo]: '2026-11-21T11:59:59Z' } },
    foreign: { type: 'somebodyElses' },
    forgotten: { parent: 'nobody' },
  };
  const server = new Server((id) => {
    if (id === 'broken') throw new TypeError('no connection');
    return known[id];
  });
  const find = ownersInTemporal(server.client, () => Date.parse('2026-11-21T12:00:00Z'));
  expect(Object.fromEntries(await find([...Object.keys(known), 'unknown', 'broken']))).toEqual({
    live: 'running',
    paused: 'running',
    terminated: 'closed',
    late: 'over-cap',
    foreign: 'not-found',
    forgotten: 'running',
    unknown: 'not-found',
    broken: new TypeError('no connection'),
  });
});
