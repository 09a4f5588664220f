import { describe, expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';
import { createRetryBudget } from './retry-budget.ts';

const get = { path: { id: 'a' } };
const outage = () => json({}, { status: 503 });

describe('a retry budget', () => {
  test('calls are sent once when the retry budget is spent', async () => {
    const { client, sent } = thingClient([outage()]);
    for (let call = 0; call < 60; call++) await failureOf(client.getThing(get));
    expect(sent).toHaveLength(60 + 100);
  });

  test('an error has retryBudgetSpent only when there would have been another attempt', async () => {
    const { client } = thingClient([outage()], { retryBudget: createRetryBudget({ capacity: 1 }) });
    const spent = await failureOf(client.getThing(get));
    expect(spent).toMatchObject({ code: 'server', attempts: 2, retryBudgetSpent: true });
    expect(spent.message).toContain('the retry budget is spent');
    for (const error of [
      await failureOf(client.getThing(get, { maxRetries: 0 })),
      await failureOf(client.createThing({ body: { name: 'a' } })),
    ]) {
      expect(error.retryBudgetSpent).toBe(false);
      expect(error.message).not.toContain('budget');
    }
  });

  test('the retry budget fills as calls succeed', async () => {
    let broken = true;
    const options = { retryBudget: createRetryBudget({ capacity: 1, gain: 0.5 }) };
    const { client, sent } = thingClient(() => (broken ? outage() : json({ id: 'a' })), options);
    const attempts = async () => {
      const before = sent.length;
      await client.getThing(get).catch(() => {});
      return sent.length - before;
    };
    expect(await attempts()).toBe(2);
    expect(await attempts()).toBe(1);
    broken = false;
    await attempts();
    await attempts();
    broken = true;
    expect(await attempts()).toBe(2);
  });

  test('a call that is refused adds nothing to the retry budget', async () => {
    const retryBudget = createRetryBudget({ capacity: 1, gain: 1 });
    expect(retryBudget.spend()).toBe(true);
    const { client } = thingClient([json({}, { status: 400 })], { retryBudget });
    await failureOf(client.getThing(get));
    expect(retryBudget.spend()).toBe(false);
  });

  test('the retry budget never exceeds its capacity', () => {
    const budget = createRetryBudget({ capacity: 2, gain: 5 });
    budget.earn();
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
  });

  test('clients share a retry budget that is passed to them', async () => {
    const retryBudget = createRetryBudget({ capacity: 3 });
    const one = thingClient([outage()], { retryBudget });
    const other = thingClient([outage()], { retryBudget });
    await failureOf(one.client.getThing(get));
    await failureOf(other.client.getThing(get));
    expect([one.sent.length, other.sent.length]).toEqual([3, 2]);
  });

  test('a definite refusal takes nothing from the retry budget', async () => {
    const retryBudget = createRetryBudget({ capacity: 1 });
    const { client } = thingClient([outage()], { retryBudget, quirks: { refused: () => true } });
    await failureOf(client.getThing(get));
    expect(retryBudget.spend()).toBe(true);
  });
});
