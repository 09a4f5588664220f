import { expect, test } from 'vitest';
import { job, mcpStack } from './mcp-stack.ts';

const { agent, command, instancesLeft, killWorker } = mcpStack();

test('an agent that starts runs in a loop cannot exceed the budget, also after its server restarts', async () => {
  const account = ['--account', 'mcp-loop', '--allow-spend', '--max-cost', '2', '--budget', '5/day'];
  const ids: string[] = [];
  for (const round of [1, 2]) {
    const { call, quote } = await agent(account);
    for (const attempt of [1, 2, 3]) {
      const id = await quote(job('sleep 300'), { attempt: attempt + 10 * round });
      ids.push(id);
      expect((await call('start_run', { quote: id })).isError).toBe(false);
    }
  }
  const { call } = await agent(account);
  const phases = async () =>
    (await Promise.all(ids.map((id) => call('get_run', { id })))).map(({ facts }) => facts.outcome ?? facts.phase);
  await expect.poll(phases).toEqual(expect.arrayContaining(['running']));
  await expect.poll(async () => (await phases()).filter((phase) => phase === 'failed').length).toBe(4);
  expect(await instancesLeft()).toBeLessThanOrEqual(2);
  const texts = await Promise.all(ids.map((id) => call('get_run', { id })));
  expect(texts.filter(({ text }) => text.includes('The budget of mcp-loop is $5.00 per day'))).toHaveLength(4);
  for (const id of ids) await call('stop_run', { id });
  await expect.poll(instancesLeft).toBe(0);
}, 240_000);

test('a server that starts again keeps a budget that a person has lowered, and says how to raise it', async () => {
  const account = ['--account', 'mcp-lowered'];
  const argv = ['--allow-spend', '--max-cost', '2', '--budget', '5/day', ...account];
  const limit = async () => {
    const facts: readonly { account: string; limit: object }[] = JSON.parse((await command(['budget', '--json'])).out);
    return facts.find((fact) => fact.account === 'mcp-lowered')?.limit;
  };
  await agent(argv);
  expect(await limit()).toEqual({ dollars: 5, per: 'day' });

  await command(['budget', 'set', '3/day', ...account]);
  const lowered = await agent(argv);
  await expect.poll(lowered.notes).toContain('"gpu-clouds budget set 5/day --account mcp-lowered"');
  const id = await lowered.quote(job('true'));
  expect((await lowered.call('start_run', { quote: id })).isError).toBe(false);
  expect(await limit()).toEqual({ dollars: 3, per: 'day' });

  await command(['budget', 'set', '9/day', ...account]);
  const raised = await agent(argv);
  await expect.poll(raised.notes).toContain('may spend $5.00 per day now');
  expect(await limit()).toEqual({ dollars: 5, per: 'day' });

  await command(['budget', 'off', ...account]);
  await agent(argv);
  expect(await limit()).toEqual({ dollars: 5, per: 'day' });
}, 120_000);

test('a server does not start with a budget for another period than that of its account', async () => {
  const account = ['--account', 'mcp-month'];
  await command(['budget', 'set', '3/month', ...account]);
  const { exitCode, notes } = await command([
    'mcp',
    '--allow-spend',
    '--max-cost',
    '2',
    '--budget',
    '5/day',
    ...account,
  ]);
  expect([exitCode, notes.at(-1)]).toEqual([
    2,
    expect.stringContaining('Start the server with --budget 3/month, or run'),
  ]);
  expect(JSON.parse((await command(['budget', '--json'])).out)).toContainEqual(
    expect.objectContaining({ account: 'mcp-month', limit: { dollars: 3, per: 'month' } }),
  );
}, 60_000);

test('a server also starts without a worker, for an agent that reads, and then starts no run', async () => {
  const argv = ['--allow-spend', '--max-cost', '2', '--budget', '5/day', '--account', 'mcp-alone'];
  await agent(argv);
  await killWorker();
  const { call, notes, quote } = await agent(argv);
  await expect.poll(notes).toContain('The budget does not answer');
  const id = await quote(job('echo alone'));
  const started = await call('start_run', { quote: id });
  expect([started.isError, started.text]).toEqual([true, expect.stringContaining('Check that a worker runs')]);
  expect((await call('get_run', { id })).text).toContain('There is no run');
}, 120_000);
