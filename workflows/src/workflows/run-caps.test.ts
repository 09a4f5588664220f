import type { JobInstance } from '@gpu-clouds/jobs/contract';
import { instanceJob, offerOf } from '@gpu-clouds/jobs/test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { allowanceFor, capReached, constraintsAfter } from './run-caps.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 28, 12);

beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const job = (resources: object, fields: object = {}) =>
  instanceJob(JSON.stringify({ name: 'x', command: 'true', resources: { gpu: 'H100', ...resources }, ...fields }));
const limited = (limits: object, resources: object = {}) =>
  job(resources, { limits: { maxDuration: '2h', ...limits } });

function instance(hours: number, pricePerHour: number, endedBefore?: number): JobInstance {
  return {
    instanceName: 'gpuc-a-r-0',
    node: 0,
    offer: offerOf('verda', 'a'),
    pricePerHour,
    since: new Date(now - hours * hour).toISOString(),
    until: endedBefore === undefined ? undefined : new Date(now - endedBefore * hour).toISOString(),
  };
}

const fresh = { instances: [], waitedMs: 0 };

it('the first instance of a run gets both caps in full', () => {
  expect(allowanceFor(limited({ maxCost: 10 }), 3, fresh, 2)).toEqual({
    ttlSeconds: 7200,
    maxDollars: 10,
    maxPricePerHour: 3,
  });
});

it('a run without maxCost has no limit in dollars', () => {
  expect(allowanceFor(limited({}), undefined, fresh, 2)).toEqual({
    ttlSeconds: 7200,
    maxDollars: undefined,
    maxPricePerHour: undefined,
  });
});

it('what a run has used since its first create call is taken off both caps', () => {
  const instances = [instance(1, 2, 0.5), instance(0.25, 4)];
  expect(allowanceFor(limited({ maxCost: 10 }), undefined, { instances, waitedMs: 0 }, 2)).toMatchObject({
    ttlSeconds: 3600,
    maxDollars: 8,
  });
});

it('the time for which a run has waited for an offer does not count', () => {
  const waited = { instances: [instance(1, 2, 0.5)], waitedMs: hour / 4 };
  expect(allowanceFor(limited({}), undefined, waited, 2).ttlSeconds).toBe(1.25 * 3600);
});

it('nodes share the dollars equally', () => {
  expect(allowanceFor(limited({ maxCost: 10 }, { nodes: 4 }), undefined, fresh, 2).maxDollars).toBe(2.5);
});

it('no instance is rented for less than a minute', () => {
  const after = (seconds: number) => ({ instances: [instance(2 - seconds / 3600, 1, 1)], waitedMs: 0 });
  expect(allowanceFor(limited({}), undefined, after(60), 2).ttlSeconds).toBeCloseTo(60);
  expect(() => allowanceFor(limited({}), undefined, after(59), 2)).toThrow('The job reached its cap (maxDuration 2h)');
});

it('no instance is rented that the rest of the dollars pays for less than a minute', () => {
  expect(allowanceFor(limited({ maxCost: 1 }), undefined, fresh, 60).maxDollars).toBe(1);
  expect(() => allowanceFor(limited({ maxCost: 1 }), undefined, fresh, 61)).toThrow(
    expect.objectContaining({ type: 'cap-reached' }),
  );
});

it('the failure of a run that reached a cap names all its caps', () => {
  expect(capReached(limited({ maxCost: 5 }))).toMatchObject({
    type: 'cap-reached',
    message: 'The job reached its cap (maxDuration 2h, maxCost $5.00) and was ended.',
  });
});

it('a run takes spot instances until more were taken back than it allows', () => {
  const spot = job({ spot: 'allow' }, { retry: { onPreemption: 1 } });
  expect(constraintsAfter(1, spot)).toMatchObject({ spot: 'allow', anyOf: undefined });
  expect(constraintsAfter(2, spot).anyOf).toMatchObject([{ spot: 'never', gpu: 'H100' }]);
});

it('alternatives that are spot only are left out after too many preemptions', () => {
  const anyOf = [{ gpu: 'A100', spot: 'only' }, { minGpuMemory: 80 }];
  const some = job({ spot: 'allow', anyOf }, { retry: { onPreemption: 0 } });
  expect(constraintsAfter(1, some).anyOf).toMatchObject([{ gpu: 'H100', minGpuMemory: 80, spot: 'never' }]);
});

it('a run that accepts only spot instances fails after too many preemptions, and says what to change', () => {
  const only = job({ spot: 'only' }, { retry: { onPreemption: 1 } });
  expect(() => constraintsAfter(2, only)).toThrow(
    expect.objectContaining({
      type: 'preempted',
      message:
        'Clouds took back 2 spot instances of the job: raise retry.onPreemption, or take on-demand instances too with resources.spot: allow.',
    }),
  );
});
