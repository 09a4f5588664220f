import { describe, expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';
import { createRetryBudget } from './retry-budget.ts';

const get = { path: { id: 'a' } };
const outage = () => json({}, { status: 503 });

describe('a retry budget', () => {
  test('keeps an outage from being multiplied: when it is spent calls are sent once', async () => {
    const { client, sent } = thingClient([outage()]);
    for (let call = 0; call < 60; call++) await failureOf(client.getThing(get));
    expect(sent).toHaveLength(60 + 100);
  });

  test('says in the error that it is spent, and only where there would have been another try', async () => {
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

  test('fills again, slowly, as calls succeed', async () => {
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

  test('never holds more than its capacity', () => {
    const budget = createRetryBudget({ capacity: 2, gain: 5 });
    budget.earn();
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
  });

  test('is shared by the clients that it is given to', async () => {
    const retryBudget = createRetryBudget({ capacity: 3 });
    const one = thingClient([outage()], { retryBudget });
    const other = thingClient([outage()], { retryBudget });
    await failureOf(one.client.getThing(get));
    await failureOf(other.client.getThing(get));
    expect([one.sent.length, other.sent.length]).toEqual([3, 2]);
  });

  test('is not drawn on for what a vendor means as a no', async () => {
    const retryBudget = createRetryBudget({ capacity: 1 });
    const { client } = thingClient([outage()], { retryBudget, quirks: { refused: () => true } });
    await failureOf(client.getThing(get));
    expect(retryBudget.spend()).toBe(true);
  });
});
