import type { Ledger, LedgerInstance } from '@gpu-clouds/simulators';
import { expect, it } from 'vitest';
import { evidenceOfContainers } from './evidence.ts';
import { faultClasses } from './fault-classes.ts';
import { type Findings, isClean, judge } from './judge.ts';
import { makePlan, type PlannedRun } from './plan.ts';
import type { RunRecord } from './run-record.ts';
import { saysNothing } from './telling.ts';

const plan: PlannedRun = {
  id: 's1r0',
  kind: 'success',
  shape: 'instance',
  exitCode: 0,
  vendors: ['verda'],
  lines: 3,
  pauseMs: 1,
  setup: false,
  interferences: [],
};

/** A run that did all it should. */
function run(changes: Omit<Partial<RunRecord>, 'plan'> & { plan?: Partial<PlannedRun> } = {}): RunRecord {
  return {
    suffered: new Set(),
    reported: { outcome: 'succeeded', exitCode: 0 },
    evidence: {
      starts: [{ step: 'command', instance: 'verda-1', node: 0 }],
      ends: [{ instance: 'verda-1', node: 0, exitCode: 0 }],
      outputs: new Map([['verda-1', 'one\ntwo\n']]),
      results: new Map([['verda-1', 'result\n']]),
    },
    kept: [{ output: 'one\ntwo\n', file: 'result\n' }],
    ...changes,
    plan: { ...plan, ...changes.plan },
  };
}

const at = (second: number) => new Date(1_000_000_000_000 + second * 1000).toISOString();

function instance(changes: Partial<LedgerInstance> = {}): LedgerInstance {
  return {
    vendor: 'verda',
    id: '1',
    name: 'gpuc-chaos-s1r0-0',
    createdAt: at(0),
    goneAt: at(60),
    pricePerHour: 1,
    highestPricePerHour: 1,
    dollars: 0.01,
    createCalls: 1,
    ...changes,
  };
}

function findings(changes: Partial<Findings> & { instances?: readonly LedgerInstance[] } = {}): Findings {
  const { instances = [instance()], ...rest } = changes;
  const left = {
    instances: instances.filter(({ goneAt }) => goneAt === undefined).length,
    keys: 0,
    volumes: 0,
    jobDeployments: 0,
  };
  const ledger: Ledger = { instances, keys: [], volumes: [], jobDeployments: [], dollars: 0, left };
  return { ledger, runs: [run()], outages: [], faults: new Set(faultClasses), secretsFound: [], ...rest };
}

const { goneAt: _, ...billing } = instance();

it('a run that did all it should is clean', () => {
  const verdict = judge(findings());
  expect(verdict).toMatchObject({ outcomes: { succeeded: 1 }, problems: [] });
  expect(isClean(verdict)).toBe(true);
});

it.each<[string, Findings, object]>([
  ['an instance that is still there is a leak', findings({ instances: [billing] }), { leaked: { instances: 1 } }],
  [
    'two instances of one name at one time are a double create',
    findings({ instances: [instance(), instance({ id: '2', createdAt: at(30) })] }),
    { doubleCreates: 1 },
  ],
  [
    'a command that was started twice on one instance is a double run',
    findings({
      runs: [run({ evidence: { ...run().evidence, starts: [...run().evidence.starts, ...run().evidence.starts] } })],
    }),
    { doubleRuns: 1 },
  ],
  [
    'output that is not stored is lost',
    findings({ runs: [run({ kept: [{ output: 'one\n', file: 'result\n' }] })] }),
    { lostOutputBytes: 4 },
  ],
  [
    'output that is stored twice is wrong by as much',
    findings({ runs: [run({ kept: [{ output: 'one\ntwo\ntwo\n', file: 'result\n' }] })] }),
    { lostOutputBytes: 4 },
  ],
  [
    'a file that was not brought back is lost',
    findings({ runs: [run({ kept: [{ output: 'one\ntwo\n', file: 'res' }] })] }),
    { lostOutputBytes: 7 },
  ],
  ['a secret that was found counts', findings({ secretsFound: ['it is in the log'] }), { secretsFound: 1 }],
  [
    'a success that no command had is wrong',
    findings({ runs: [run({ evidence: { ...run().evidence, ends: [] }, kept: [{ output: '' }] })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'an exit code that no command had is wrong',
    findings({
      runs: [run({ plan: { kind: 'exit-code', exitCode: 0 }, reported: { outcome: 'failed', exitCode: 7 } })],
    }),
    { wrongOutcomes: 1 },
  ],
  [
    'a success that is shown as a failure is wrong',
    findings({ runs: [run({ reported: { outcome: 'vanished' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'a cancellation that nobody asked for is wrong',
    findings({ runs: [run({ reported: { outcome: 'cancelled' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'a cap that was far away is wrong',
    findings({ runs: [run({ reported: { outcome: 'cap-reached' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'to have no offer is wrong while no cloud refuses anything',
    findings({ runs: [run({ reported: { outcome: 'no-offer' } })], faults: new Set(['worker-kill']) }),
    { wrongOutcomes: 1 },
  ],
])('%s', (_name, found, expected) => {
  const verdict = judge(found);
  expect(verdict).toMatchObject(expected);
  expect(isClean(verdict)).toBe(false);
  expect(verdict.problems.length).toBeGreaterThan(0);
});

it.each([
  ['missing-output', 'The command succeeded but did not leave result.txt, which the job wants back.'],
  ['setup-failed', 'The setup ended with exit code 9: its output says why.'],
  ['cap-reached', 'The job reached its cap (maxDuration 64s) and was ended.'],
  ['cancelled', 'The run s1r0 was cancelled.'],
  ['terminated', 'The run s1r0 was terminated.'],
  ['stopped', 'Somebody stopped gpuc-chaos-s1r0-2, the workflow that owned the instance.'],
  ['no-offer', 'None of the offers worked out. verda V100: it failed while booting.'],
  ['no-offer', 'No cloud has an offer that meets the job. verda: 503'],
])('a sentence has to say why a run ended as %s: %s', (outcome, message) => {
  expect(saysNothing(plan, { outcome, message })).toBeUndefined();
  expect(saysNothing(plan, { outcome, message: 'It failed.' })).toContain('does not say why');
  expect(saysNothing(plan, { outcome, message: `${message} undefined` })).toContain('not for a user');
  expect(saysNothing(plan, { outcome, message: `${message}\n    at run (job.js:1)` })).toContain('not for a user');
});

it('a run that ended as it had to is wrong all the same when its message says nothing', () => {
  const reported = { outcome: 'cap-reached', message: 'Workflow execution failed' };
  expect(judge(findings({ runs: [run({ plan: { kind: 'cap-cost' }, reported })] })).wrongOutcomes).toBe(1);
});

it('a run that never ended is a wrong outcome', () => {
  const { reported: _reported, ...unended } = run();
  expect(judge(findings({ runs: [unended] }))).toMatchObject({ wrongOutcomes: 1, outcomes: { 'never ended': 1 } });
});

it('a cap that the disk of an instance exceeds is exceeded', () => {
  const runs = [
    run({ plan: { kind: 'cap-cost', storage: 10_000 }, reported: { outcome: 'cap-reached', message: 'cap' } }),
  ];
  const disk = { ...instance(), pricePerHour: 2.74, dollars: 0.5 };
  const { ledger } = findings();
  expect(judge(findings({ runs })).overCap).toBe(0);
  expect(judge({ ...findings({ runs }), ledger: { ...ledger, volumes: [disk] } }).overCap).toBeGreaterThan(0.2);
});

it('an instance that replaces one that is gone is no double', () => {
  const instances = [instance(), instance({ id: '2', createdAt: at(61), goneAt: at(90) })];
  expect(judge(findings({ instances })).doubleCreates).toBe(0);
});

it('a run may start its command on another instance after it lost the first, whose output comes before', () => {
  const { evidence } = run();
  const moved = run({
    evidence: { ...evidence, starts: [{ step: 'command', instance: 'verda-0', node: 0 }, ...evidence.starts] },
    kept: [{ output: 'one\none\ntwo\n', file: 'result\n' }],
  });
  expect(isClean(judge(findings({ runs: [moved] })))).toBe(true);
});

/** A run on two instances, of which the second did what is said, and both did all they should when nothing is. */
function runOfTwo(changes: { readonly ends?: RunRecord['evidence']['ends']; readonly kept?: RunRecord['kept'] } = {}) {
  const kept = { output: 'one\ntwo\n', file: 'result\n' };
  const instances = ['verda-1', 'verda-2'];
  return run({
    plan: { shape: 'nodes' },
    evidence: {
      starts: instances.map((instance, node) => ({ step: 'command', instance, node })),
      ends: changes.ends ?? instances.map((instance, node) => ({ instance, node, exitCode: 0 })),
      outputs: new Map(instances.map((instance) => [instance, kept.output])),
      results: new Map(instances.map((instance) => [instance, kept.file])),
    },
    kept: changes.kept ?? [kept, kept],
  });
}

it('a run on two instances succeeds when both commands do, and both outputs have to be stored', () => {
  expect(isClean(judge(findings({ runs: [runOfTwo()] })))).toBe(true);
  const half = runOfTwo({ ends: [{ instance: 'verda-1', node: 0, exitCode: 0 }] });
  expect(judge(findings({ runs: [half] })).wrongOutcomes).toBe(1);
  const lost = runOfTwo({
    kept: [
      { output: 'one\ntwo\n', file: 'result\n' },
      { output: 'one\n', file: 'result\n' },
    ],
  });
  expect(judge(findings({ runs: [lost] })).lostOutputBytes).toBe(4);
});

it('what a container did is told by the ledger: a job that one fleet was given twice is a double run', () => {
  const fleet = {
    ...{ vendor: 'verda' as const, id: '1', name: 'gpuc-chaos-s1r0-0', createdAt: at(0), goneAt: at(60) },
    ...{ pricePerHour: 0, highestPricePerHour: 2.5, dollars: 0.04, jobs: 1 },
    answers: [{ status: 200, body: '{}' }],
  };
  const verdictOf = (jobs: number, file = '{}\n') => {
    const jobDeployments = [{ ...fleet, jobs }];
    const ledger: Ledger = { ...findings({ instances: [] }).ledger, jobDeployments };
    const evidence = evidenceOfContainers(ledger, 's1r0');
    return judge({
      ...findings(),
      ...{ ledger, runs: [run({ plan: { shape: 'job-deployment' }, evidence, kept: [{ output: '{}\n', file }] })] },
    });
  };
  expect(isClean(verdictOf(1))).toBe(true);
  expect(verdictOf(2).doubleRuns).toBe(1);
  expect(verdictOf(1, '').lostOutputBytes).toBe(3);
});

it('what a run was asked to do may be how it ends', () => {
  const runs = [
    run({ suffered: new Set(['cancel']), reported: { outcome: 'cancelled' } }),
    run({ suffered: new Set(['terminate']), reported: { outcome: 'terminated' } }),
    run({ suffered: new Set(['terminate-owner']), reported: { outcome: 'stopped' } }),
  ];
  expect(judge(findings({ runs })).wrongOutcomes).toBe(0);
});

it('dollars count beyond the cap and a tolerance in time, which an outage makes longer', () => {
  const runs = [run({ plan: { kind: 'cap-duration' }, reported: { outcome: 'cap-reached' } })];
  const instances = [instance({ goneAt: at(600), dollars: 600 / 3600 })];
  const cap = 64;
  const tolerance = 120;
  const over = judge(findings({ runs, instances })).overCap;
  expect(over).toBeCloseTo((600 - cap - tolerance) / 3600, 6);
  const outage = { from: Date.parse(at(100)), to: Date.parse(at(550)) };
  expect(judge(findings({ runs, instances, outages: [outage] })).overCap).toBe(0);
});

it('a cap in hours is worth something also where the order failed and costs nothing any more', () => {
  const runs = [run({ plan: { kind: 'cap-duration' }, reported: { outcome: 'cap-reached' } })];
  const instances = [instance({ pricePerHour: 0, dollars: 2 / 3600 })];
  expect(judge(findings({ runs, instances })).overCap).toBe(0);
});

it('the same seed plans the same runs and faults, another seed others', () => {
  const faults = new Set(faultClasses);
  const planOf = (seed: number) => JSON.stringify(makePlan({ runs: 40, seed, faults }));
  expect(planOf(7)).toBe(planOf(7));
  expect(planOf(7)).not.toBe(planOf(8));
});

it('twenty runs have jobs on several instances and in containers among them, to which nothing is done that takes an instance', () => {
  const { runs } = makePlan({ runs: 200, seed: 5, faults: new Set(faultClasses) });
  expect(runs.filter(({ shape }) => shape === 'nodes').length).toBeGreaterThanOrEqual(10);
  const inContainers = runs.filter(({ shape }) => shape === 'job-deployment');
  expect(inContainers.length).toBeGreaterThanOrEqual(10);
  const done = inContainers.flatMap(({ interferences }) => interferences.map(({ what }) => what));
  expect(done).not.toEqual(expect.arrayContaining(['preempt']));
  expect(new Set(inContainers.flatMap(({ vendors }) => vendors))).toEqual(new Set(['verda']));
});

it('a fault that is switched off is in no plan, and the jobs stay what they are', () => {
  const all = makePlan({ runs: 200, seed: 3, faults: new Set(faultClasses) });
  const less = makePlan({ runs: 200, seed: 3, faults: new Set(faultClasses.filter((fault) => fault !== 'preempt')) });
  const kinds = (runs: readonly PlannedRun[]) => runs.map(({ kind, vendors }) => [kind, vendors]);
  expect(kinds(less.runs)).toEqual(kinds(all.runs));
  expect(JSON.stringify(all)).toContain('preempt');
  expect(JSON.stringify(less)).not.toContain('preempt');
});
