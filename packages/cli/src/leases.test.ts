import { LeaseError, type LeaseSummary, leaseId } from '@gpu-clouds/jobs';
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { beforeEach, expect, it } from 'vitest';
import { checkOutput } from '../test/output-schemas.ts';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { exitCodes } from './cli-error.ts';
import { type Attempt, attemptName, latestAttempt, refuseNode, startAttempt, withCost } from './leases.ts';

const client = new Client();
const terminal = recordingTerminal({ GPU_CLOUDS_FLEET: 'dev' });

/** The leases that Temporal has. */
let leases: LeaseSummary[];
beforeEach(() => {
  leases = [];
});
const add = (name: string, state: LeaseSummary['state'], replaces?: string) =>
  leases.push({ id: leaseId(name, 'dev'), name, state, replaces, fleet: 'dev', startedAt: new Date(0) });
const summaryOf = async (_client: Client, id: string) => leases.find((lease) => lease.id === id);
const latest = (name: string) => latestAttempt(client, name, terminal, summaryOf);
const start = async ({ name, replaces }: Attempt) => {
  if (leases.some((lease) => lease.name === name))
    throw new LeaseError('taken', { cause: new WorkflowExecutionAlreadyStartedError('taken', name, 'type') });
  add(name, 'creating', replaces);
  return name;
};

it('a failed lease is not confused with another lease whose name is that of an attempt', async () => {
  add('zz', 'failed');
  add('zz-2', 'ready');
  expect(await latest('zz')).toMatchObject({ lease: { name: 'zz' }, attempt: 2 });
  expect(await latest('zz-2')).toMatchObject({ lease: { name: 'zz-2' }, attempt: 1 });
});

it('the attempt that took the place of a failed lease is found by the first name, also behind another lease', async () => {
  add('zz', 'failed');
  add('zz-2', 'ready');
  add('zz-3', 'failed', 'zz');
  add('zz-4', 'ready', 'zz');
  expect(await latest('zz')).toMatchObject({ lease: { name: 'zz-4' }, attempt: 4 });
});

it('up skips the names of other leases when it tries the next offer', async () => {
  add('zz', 'failed');
  add('zz-2', 'ready');
  expect(await startAttempt(client, 'zz', 2, start, terminal, summaryOf)).toEqual({ started: 'zz-3', attempt: 3 });
  expect(await latest('zz')).toMatchObject({ lease: { name: 'zz-3', replaces: 'zz' }, attempt: 3 });
});

it('up rents nothing more when another up of the same name has started the next attempt', async () => {
  add('zz', 'failed');
  add('zz-2', 'creating', 'zz');
  await expect(startAttempt(client, 'zz', 2, start, terminal, summaryOf)).rejects.toThrow('taken');
  expect(leases).toHaveLength(2);
});

it('up rents nothing when the name itself is taken meanwhile', async () => {
  add('zz', 'creating');
  await expect(startAttempt(client, 'zz', 1, start, terminal, summaryOf)).rejects.toThrow('taken');
});

it('the name of an attempt is never longer than a lease may have', () => {
  expect(leaseId(attemptName('x'.repeat(60), 12), 'dev')).toBeTypeOf('string');
});

it.each(['nightly-2026-11-29T22:20:36Z', 'a_b', '../x'])(
  'there is no lease with the name %s, which none can have',
  async (name) => {
    expect(await latest(name)).toEqual({ lease: undefined, attempt: 0 });
  },
);

it('a lease in JSON has its cost so far, and its total cost once it has ended', () => {
  const startedAt = new Date('2026-01-01T00:00:00Z');
  const known = { name: 'mine', fleet: 'dev', vendor: 'verda', pricePerHour: 2 } as const;
  const lease = { ...known, id: 'gpuc-dev-mine-0', state: 'ready', startedAt } as const;
  const cost = withCost(lease, startedAt.getTime() + 1_800_000);
  const total = withCost({ ...lease, state: 'released', endedAt: new Date('2026-01-01T02:00:00Z') });
  expect([cost.cost, total.cost, withCost({ ...lease, pricePerHour: undefined }).cost]).toEqual([1, 4, undefined]);
  checkOutput(['ls'], [JSON.stringify([cost, total])]);
  checkOutput(['show', 'mine'], [JSON.stringify({ lease: cost })]);
});

it('a lease has one instance, so any other node than the first is refused', () => {
  expect(() => refuseNode('mine', 5)).toThrow(
    expect.objectContaining({
      message: 'The lease "mine" has one instance, so there is no node 5. Leave out --node.',
      exitCode: exitCodes.usage,
    }),
  );
  for (const node of [undefined, 0]) expect(() => refuseNode('mine', node)).not.toThrow();
});
