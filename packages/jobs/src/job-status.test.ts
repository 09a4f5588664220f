import { expect, it } from 'vitest';
import { offerOf } from '../test/fake-cloud.ts';
import { activeInstancesOf, costOf, type JobFacts, type JobInstance, latestAttemptOf, statusAt } from './job-status.ts';

const hour = 3_600_000;
const at = (hours: number) => new Date(hours * hour).toISOString();
const instance = (since: number, until: number | undefined, pricePerHour: number): JobInstance => ({
  instanceName: 'gpuc-default-run-0',
  node: 0,
  offer: offerOf('verda', 'a'),
  pricePerHour,
  since: at(since),
  ...(until === undefined ? {} : { until: at(until) }),
});
const instances = [instance(1, 3, 2), instance(4, undefined, 10)];

it.each([
  ['until now', 5, 0, 14],
  ['while one runs', 2, 0, 2],
  ['before the first instance', 0.5, 0, 0],
  ['from a later start', 4.5, 2, 7],
  ['for a time without an instance', 4, 3, 0],
])('costOf adds up the cost %s', (_what, now, from, dollars) => {
  expect(costOf(instances, now * hour, from * hour)).toBeCloseTo(dollars);
});

it('costOf applies each price to the time during which it was valid', () => {
  const earlierPrices = [
    { until: at(2), pricePerHour: 1 },
    { until: at(3), pricePerHour: 5 },
  ];
  const repriced = { ...instance(1, 4, 2), earlierPrices };
  expect(costOf([repriced], 10 * hour)).toBeCloseTo(1 + 5 + 2);
  expect(costOf([repriced], 3.5 * hour)).toBeCloseTo(1 + 5 + 1);
  expect(costOf([repriced], 10 * hour, 2.5 * hour)).toBeCloseTo(2.5 + 2);
});

it('costOf counts nothing that is later than now, whatever the instance says', () => {
  expect(costOf([instance(1, 9, 2)], 3 * hour)).toBe(4);
  const earlierPrices = [{ until: at(8), pricePerHour: 1 }];
  expect(costOf([{ ...instance(1, 9, 2), earlierPrices }], 3 * hour)).toBe(2);
});

const facts: JobFacts = {
  id: 'run',
  name: 'run',
  nodes: 2,
  phase: 'running',
  startedAt: at(1),
  phaseSince: at(1),
  instances: [
    { ...instance(2, undefined, 4), node: 1 },
    { ...instance(1, 2, 2), node: 1 },
    { ...instance(1, undefined, 3), node: 0 },
  ],
  failures: [],
};

it('the active instances of a run are those that are not gone, ordered by node', () => {
  expect(activeInstancesOf(facts).map(({ node, pricePerHour }) => [node, pricePerHour])).toEqual([
    [0, 3],
    [1, 4],
  ]);
});

it('the status of a run shows the time and the cost up to now, and the instance of its first node', () => {
  expect(statusAt(facts, 3 * hour)).toEqual({
    ...facts,
    elapsedSeconds: 7200,
    costSoFar: 12,
    activeInstances: activeInstancesOf(facts),
    current: facts.instances[2],
  });
});

it('the time of a run ends when the run has ended, and is never negative', () => {
  expect(statusAt({ ...facts, endedAt: at(2) }, 9 * hour).elapsedSeconds).toBe(3600);
  expect(statusAt(facts, 0).elapsedSeconds).toBe(0);
});

it('the recorded cost of a run counts if its instances are unknown', () => {
  expect(statusAt({ ...facts, instances: [], dollars: 7 }, 3 * hour).costSoFar).toBe(7);
});

it('the latest attempt of a run is the number of its attempts, at least 1', () => {
  const attempts = [1, 2].map((attempt) => ({ attempt, since: at(1) }));
  expect([latestAttemptOf({}), latestAttemptOf({ attempts })]).toEqual([1, 2]);
});
