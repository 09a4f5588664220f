import { scheduleOverlaps } from '@gpu-clouds/jobs';
import type { Ledger, LedgerHardware, LedgerInstance } from '@gpu-clouds/simulators';
import { expect, it } from 'vitest';
import { type CheckpointNote, evidenceOfContainers } from './evidence.ts';
import { faultClasses } from './faults/index.ts';
import { jobOf } from './job-of-run.ts';
import { type Findings, isClean, judge } from './judge.ts';
import { messageProblem } from './message-problem.ts';
import { type Constraints, type Feature, features, makePlan, type PlannedRun } from './plan.ts';
import type { LeaseRecord, RunRecord } from './run-record.ts';
import type { ScheduleRecord } from './schedules.ts';

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

/** Creates a run that did everything as planned. */
function run(changes: Omit<Partial<RunRecord>, 'plan'> & { plan?: Partial<PlannedRun> } = {}): RunRecord {
  return {
    applied: new Set(),
    prices: [],
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

const used = { workerMiB: 300, runMiB: 1, warnings: [] };

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
  return {
    ledger,
    runs: [run()],
    leases: [],
    schedules: [],
    outages: [],
    faults: new Set(faultClasses),
    bystanders: [],
    secretsFound: [],
    used,
    reaped: [],
    reapedAlive: [],
    notified: new Map(),
    notifiedInSlack: new Map(),
    ...rest,
  };
}

const { goneAt: _, ...billing } = instance();

it('judge accepts a run that did everything as planned', () => {
  const verdict = judge(findings());
  expect(verdict).toMatchObject({ outcomes: { succeeded: 1 }, problems: [] });
  expect(isClean(verdict)).toBe(true);
});

it.each<[string, Findings, object]>([
  [
    'judge reports an instance that still exists as a leak',
    findings({ instances: [billing] }),
    { leaked: { instances: 1 } },
  ],
  [
    'judge reports two instances of one name at the same time as a double create',
    findings({ instances: [instance(), instance({ id: '2', createdAt: at(30) })] }),
    { doubleCreates: 1 },
  ],
  [
    'judge reports a command that started twice on one instance as a double run',
    findings({
      runs: [run({ evidence: { ...run().evidence, starts: [...run().evidence.starts, ...run().evidence.starts] } })],
    }),
    { doubleRuns: 1 },
  ],
  [
    'judge counts output that is not stored as lost',
    findings({ runs: [run({ kept: [{ output: 'one\n', file: 'result\n' }] })] }),
    { lostOutputBytes: 4 },
  ],
  [
    'judge counts output that is stored twice as lost bytes',
    findings({ runs: [run({ kept: [{ output: 'one\ntwo\ntwo\n', file: 'result\n' }] })] }),
    { lostOutputBytes: 4 },
  ],
  [
    'judge counts a result file that differs as lost',
    findings({ runs: [run({ kept: [{ output: 'one\ntwo\n', file: 'res' }] })] }),
    { lostOutputBytes: 7 },
  ],
  [
    'judge reports a deleted instance of another fleet',
    findings({ bystanders: [{ vendor: 'verda', id: '9', name: 'gpuc-other-run-0', goneAt: at(50) }] }),
    { bystandersHarmed: 1 },
  ],
  [
    'judge reports dollars that the vendor billed and the product left out',
    findings({
      instances: [instance({ dollars: 0.5 })],
      runs: [run({ reported: { outcome: 'succeeded', exitCode: 0, dollars: 0.3986 } })],
    }),
    { unreported: 0.5 - 0.3986 - 5 / 3600 },
  ],
  [
    'judge reports the memory of a worker above the limit',
    findings({ used: { ...used, workerMiB: 900 } }),
    { memoryOverLimit: 100 },
  ],
  ['judge counts each secret found', findings({ secretsFound: ['it is in the log'] }), { secretsFound: 1 }],
  [
    'judge rejects a reported success when no command succeeded',
    findings({ runs: [run({ evidence: { ...run().evidence, ends: [] }, kept: [{ output: '' }] })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'judge rejects a reported exit code that no command had',
    findings({
      runs: [run({ plan: { kind: 'exit-code', exitCode: 0 }, reported: { outcome: 'failed', exitCode: 7 } })],
    }),
    { wrongOutcomes: 1 },
  ],
  [
    'judge rejects an unknown outcome of a successful run',
    findings({ runs: [run({ reported: { outcome: 'vanished' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'judge rejects a cancellation that was not requested',
    findings({ runs: [run({ reported: { outcome: 'cancelled' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'judge rejects cap-reached for a job without such a cap',
    findings({ runs: [run({ reported: { outcome: 'cap-reached' } })] }),
    { wrongOutcomes: 1 },
  ],
  [
    'judge rejects no-offer when no fault makes offers fail',
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
])('messageProblem requires the reason in the message of a run that ended as %s: %s', (outcome, message) => {
  expect(messageProblem(plan, { outcome, message })).toBeUndefined();
  expect(messageProblem(plan, { outcome, message: 'It failed.' })).toContain('does not say why');
  expect(messageProblem(plan, { outcome, message: `${message} undefined` })).toContain('not for a user');
  expect(messageProblem(plan, { outcome, message: `${message}\n    at run (job.js:1)` })).toContain('not for a user');
});

it('judge rejects a correct outcome with an unhelpful message', () => {
  const reported = { outcome: 'cap-reached', message: 'Workflow execution failed' };
  expect(judge(findings({ runs: [run({ plan: { kind: 'cap-cost' }, reported })] })).wrongOutcomes).toBe(1);
});

it('judge counts a run that never ended as a wrong outcome', () => {
  const { reported: _reported, ...unended } = run();
  expect(judge(findings({ runs: [unended] }))).toMatchObject({ wrongOutcomes: 1, outcomes: { 'never ended': 1 } });
});

it('judge includes the cost of disks in the cap', () => {
  const runs = [
    run({ plan: { kind: 'cap-cost', storage: 10_000 }, reported: { outcome: 'cap-reached', message: 'cap' } }),
  ];
  const disk = { ...instance(), pricePerHour: 2.74, dollars: 0.5 };
  const { ledger } = findings();
  expect(judge(findings({ runs })).overCap).toBe(0);
  expect(judge({ ...findings({ runs }), ledger: { ...ledger, volumes: [disk] } }).overCap).toBeGreaterThan(0.2);
});

it('judge accepts an instance that replaces a deleted one of the same name', () => {
  const instances = [instance(), instance({ id: '2', createdAt: at(61), goneAt: at(90) })];
  expect(judge(findings({ instances })).doubleCreates).toBe(0);
});

it('judge accepts a command that restarts on another instance, with the output of the lost one before it', () => {
  const { evidence } = run();
  const moved = run({
    evidence: { ...evidence, starts: [{ step: 'command', instance: 'verda-0', node: 0 }, ...evidence.starts] },
    kept: [{ output: 'one\none\ntwo\n', file: 'result\n' }],
  });
  expect(isClean(judge(findings({ runs: [moved] })))).toBe(true);
});

/** Creates a run on two instances that did everything as planned, except for the given changes. */
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

it('judge requires success and stored output of both instances of a run with two nodes', () => {
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

it('judge reports a job that was submitted twice to one job deployment as a double run', () => {
  const jobDeployment = {
    vendor: 'verda' as const,
    id: '1',
    name: 'gpuc-chaos-s1r0-0',
    createdAt: at(0),
    goneAt: at(60),
    pricePerHour: 0,
    highestPricePerHour: 2.5,
    dollars: 0.04,
    jobs: 1,
    answers: [{ status: 200, body: '{}' }],
  };
  const verdictOf = (jobs: number, file = '{}\n') => {
    const jobDeployments = [{ ...jobDeployment, jobs }];
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

it('judge accepts an outcome that an applied interference explains', () => {
  const runs = [
    run({ applied: new Set(['cancel']), reported: { outcome: 'cancelled' } }),
    run({ applied: new Set(['terminate']), reported: { outcome: 'terminated' } }),
    run({ applied: new Set(['terminate-owner']), reported: { outcome: 'stopped' } }),
  ];
  expect(judge(findings({ runs })).wrongOutcomes).toBe(0);
});

it('judge counts cost beyond the cap, the tolerance, and outages', () => {
  const runs = [run({ plan: { kind: 'cap-duration' }, reported: { outcome: 'cap-reached' } })];
  const instances = [instance({ goneAt: at(600), dollars: 600 / 3600 })];
  const cap = 64;
  const tolerance = 120;
  const over = judge(findings({ runs, instances })).overCap;
  expect(over).toBeCloseTo((600 - cap - tolerance) / 3600, 6);
  const outage = { from: Date.parse(at(100)), to: Date.parse(at(550)) };
  expect(judge(findings({ runs, instances, outages: [outage] })).overCap).toBe(0);
});

it('judge uses the highest price of an instance for a duration cap', () => {
  const runs = [run({ plan: { kind: 'cap-duration' }, reported: { outcome: 'cap-reached' } })];
  const instances = [instance({ pricePerHour: 0, dollars: 2 / 3600 })];
  expect(judge(findings({ runs, instances })).overCap).toBe(0);
});

it('makePlan returns the same plan for the same seed and another plan for another seed', () => {
  const faults = new Set(faultClasses);
  const planOf = (seed: number) => JSON.stringify(makePlan({ runs: 40, seed, faults }));
  expect(planOf(7)).toBe(planOf(7));
  expect(planOf(7)).not.toBe(planOf(8));
});

it('makePlan includes jobs on several nodes and on job deployments, without SSH faults for the latter', () => {
  const { runs } = makePlan({ runs: 200, seed: 5, faults: new Set(faultClasses) });
  expect(runs.filter(({ shape }) => shape === 'nodes').length).toBeGreaterThanOrEqual(10);
  const inContainers = runs.filter(({ shape }) => shape === 'job-deployment');
  expect(inContainers.length).toBeGreaterThanOrEqual(10);
  const done = inContainers.flatMap(({ interferences }) => interferences.map(({ what }) => what));
  expect(done).not.toEqual(expect.arrayContaining(['preempt']));
  expect(new Set(inContainers.flatMap(({ vendors }) => vendors))).toEqual(new Set(['verda']));
});

it('makePlan omits disabled faults without changing the jobs', () => {
  const all = makePlan({ runs: 200, seed: 3, faults: new Set(faultClasses) });
  const less = makePlan({ runs: 200, seed: 3, faults: new Set(faultClasses.filter((fault) => fault !== 'preempt')) });
  const kinds = (runs: readonly PlannedRun[]) => runs.map(({ kind, vendors }) => [kind, vendors]);
  expect(kinds(less.runs)).toEqual(kinds(all.runs));
  expect(JSON.stringify(all)).toContain('preempt');
  expect(JSON.stringify(less)).not.toContain('preempt');
});

it.each([
  ['says nothing', [], 1],
  ['gives up after the first refusal', ['run.succeeded'], 1],
  ['says that it failed', ['run.succeeded', 'run.failed'], 1],
  ['tries again', ['run.succeeded', 'run.succeeded'], 0],
] as const)('a webhook of a run that succeeded: a run that %s counts as %o', (_, told, wrongNotices) => {
  const notifies = run({ plan: { features: ['notifies'] } });
  expect(judge(findings({ runs: [notifies], notified: new Map([['s1r0', told]]) }))).toMatchObject({ wrongNotices });
});

it.each([
  ['tries again', ['run.succeeded', 'run.succeeded'], 0],
  ['says nothing', [], 1],
  ['says that it failed', ['run.failed', 'run.failed'], 1],
] as const)('a webhook of Slack: a run that succeeded and %s counts as %o', (_, told, wrongNotices) => {
  const notifies = run({ plan: { features: ['notifies-slack'] } });
  expect(judge(findings({ runs: [notifies], notifiedInSlack: new Map([['s1r0', told]]) }))).toMatchObject({
    wrongNotices,
  });
});

it.each([
  ['succeeded', [], 0],
  ['succeeded', ['run.succeeded', 'run.succeeded'], 1],
  ['cap-reached', ['run.failed', 'run.failed'], 0],
  ['cap-reached', [], 1],
] as const)(
  'a webhook for failures only: a run that ended as %s and tells %j counts as %i',
  (outcome, told, wrongNotices) => {
    const kind = outcome === 'succeeded' ? 'success' : 'cap-duration';
    const message = outcome === 'succeeded' ? undefined : 'The cap (1 maxDuration 1).';
    const ended = run({
      plan: { kind, features: ['notifies', 'notifies-failures-only'] },
      reported: { outcome, message },
    });
    expect(judge(findings({ runs: [ended], notified: new Map([['s1r0', told]]) })).wrongNotices).toBe(wrongNotices);
  },
);

it.each([
  ['with a code of its own', 3, 1],
  ['by a signal', 137, 0],
])('a run whose instance rebooted and whose command ended %s with %i counts %i', (_, exitCode, wrongOutcomes) => {
  const rebooted = run({ applied: new Set(['reboot']), reported: { outcome: 'failed', exitCode } });
  expect(judge(findings({ runs: [rebooted] })).wrongOutcomes).toBe(wrongOutcomes);
});

it('only a run whose command leaves its GPUs idle may end with idle-gpu, and it must', () => {
  const ended = (kind: PlannedRun['kind'], outcome: string) =>
    judge(findings({ runs: [run({ plan: { kind }, reported: { outcome } })] })).wrongOutcomes;
  expect([ended('idle-gpu', 'idle-gpu'), ended('success', 'idle-gpu'), ended('idle-gpu', 'succeeded')]).toEqual([
    0, 1, 1,
  ]);
});

it('a webhook for runs that succeed or are over budget must hear of a cap, and not of another failure', () => {
  const ended = (outcome: string) =>
    run({
      plan: { kind: 'cap-duration', features: ['notifies-slack'] },
      reported: { outcome, message: 'The cap (1 maxDuration 1).' },
    });
  const wrong = (outcome: string, told: readonly 'run.failed'[]) =>
    judge(findings({ runs: [ended(outcome)], notifiedInSlack: new Map([['s1r0', told]]) })).wrongNotices;
  expect(wrong('cap-reached', ['run.failed', 'run.failed'])).toBe(0);
  expect(wrong('cap-reached', [])).toBe(1);
  expect(wrong('no-offer', [])).toBe(0);
  expect(wrong('no-offer', ['run.failed', 'run.failed'])).toBe(1);
});

const hardware: LedgerHardware = { region: 'FIN-01', gpuCount: 1, gpuMemory: 48, vcpus: 10, memory: 60 };

it.each<[string, number, Constraints, Partial<LedgerInstance>?]>([
  ['that meets all', 0, { minGpuMemory: 48, minVcpus: 10, minMemory: 60, regions: ['FIN-03', 'FIN-01'] }],
  ['with too little memory per GPU', 1, { minGpuMemory: 80 }],
  ['with too few vCPUs', 1, { minVcpus: 12 }],
  ['with too little memory', 1, { minMemory: 64 }],
  ['in another region', 1, { regions: ['FIN-03'] }],
  ['in a city of the country', 0, { regions: ['Canada'] }, { hardware: { ...hardware, region: 'Canada, Winnipeg' } }],
  [
    'in a region whose name begins alike',
    1,
    { regions: ['us-east'] },
    { hardware: { ...hardware, region: 'us-east-1' } },
  ],
  ['with more GPUs', 1, {}, { hardware: { ...hardware, gpuCount: 2 } }],
  ['of another vendor', 1, {}, { vendor: 'gpu-ai' }],
])('an instance %s counts %i against the constraints of its run', (_, wrongInstances, constraints, changes) => {
  const runs = [run({ plan: { constraints } })];
  const instances = [instance({ hardware, ...changes })];
  expect(judge(findings({ runs, instances }))).toMatchObject({ wrongInstances });
});

/** Creates a run whose command fails and runs again on its instance. */
const again = (starts: number, ends: number, changes: Partial<PlannedRun> = {}) =>
  run({
    plan: { kind: 'exit-code', exitCode: 3, features: ['runs-again', 'same-instance'], ...changes },
    reported: { outcome: 'failed', exitCode: 3 },
    evidence: {
      ...run().evidence,
      starts: Array.from({ length: starts }, () => ({ step: 'command', instance: 'verda-1', node: 0 })),
      ends: Array.from({ length: ends }, () => ({ instance: 'verda-1', node: 0, exitCode: 3 })),
    },
  });

it.each([
  ['is stored apart', 'again\n', 0],
  ['is stored with that of the first', '', 6],
  ['is that of the first', 'one\ntwo\n', 6],
])(
  'the output of a second attempt on the same instance: one that %s, as %j, counts as %i lost bytes',
  (_, stored, lostOutputBytes) => {
    const twice = again(2, 2);
    const outputs = new Map([...twice.evidence.outputs, ['verda-1.again', 'again\n'] as const]);
    const kept = [{ output: 'one\ntwo\n', file: 'result\n', again: stored }];
    const runs = [{ ...twice, kept, evidence: { ...twice.evidence, outputs } }];
    expect(judge(findings({ runs }))).toMatchObject({ lostOutputBytes });
  },
);

it('a command that is to run again after its failure does so, once, and after its end', () => {
  expect(judge(findings({ runs: [again(2, 2)] })).problems).toEqual([]);
  expect(judge(findings({ runs: [again(1, 1)] })).wrongOutcomes).toBe(1);
  expect(judge(findings({ runs: [again(3, 3)] })).doubleRuns).toBe(1);
  expect(judge(findings({ runs: [again(2, 0)] })).doubleRuns).toBe(1);
  expect(judge(findings({ runs: [again(2, 2, { features: ['runs-again'] })] })).doubleRuns).toBe(1);
});

it('a command must not run again after an exit code that its job does not list', () => {
  const features = ['runs-again', 'same-instance', 'other-exit-codes'] as const;
  const once = again(1, 1, { features });
  const kept = (stored: string) => [{ output: 'one\ntwo\n', file: 'result\n', again: stored }];
  expect(judge(findings({ runs: [{ ...once, kept: kept('') }] })).problems).toEqual([]);
  expect(judge(findings({ runs: [{ ...once, kept: kept('again\n') }] })).wrongOutcomes).toBe(1);
  expect(judge(findings({ runs: [again(2, 2, { features })] })).doubleRuns).toBe(1);
});

it('a run whose idle GPUs are only to be shown must show them, and succeed', () => {
  const ended = (outcome: string, flagged: boolean) =>
    judge(findings({ runs: [run({ plan: { kind: 'idle-warned' }, reported: { outcome }, flagged })] })).wrongOutcomes;
  expect([ended('succeeded', true), ended('succeeded', false), ended('idle-gpu', true)]).toEqual([0, 1, 1]);
});

const first = { instance: 'verda-0@sim', node: 0 };
const second = { instance: 'verda-1@sim', node: 0 };
const third = { instance: 'verda-2@sim', node: 0 };
const wrote = (step: number, on: typeof first = first): CheckpointNote => ({
  what: 'wrote',
  ...on,
  run: 's1r0',
  by: on.instance,
  step,
});
const found = (what: 'restored' | 'torn', step: number, of = 's1r0'): CheckpointNote => ({
  what,
  ...second,
  run: of,
  by: first.instance,
  step,
});
const foundNothing: CheckpointNote = { what: 'nothing', ...second };

/** Commands that started one after the other. */
const inTurn = (...where: readonly (typeof first)[]) => ({ starts: where.map((one) => ({ step: 'command', ...one })) });

/** A run on the second instance, created at 0 s. The store had the second checkpoint of the first one a second before. */
const resumed = (notes: readonly CheckpointNote[], changes: Partial<RunRecord> = {}) =>
  run({
    evidence: { ...run().evidence, ...inTurn(first, second), ends: [{ ...second, exitCode: 0 }], checkpoints: notes },
    stored: [{ by: first.instance, step: 2, seenAt: Date.parse(at(-1)) }],
    ...changes,
  });

it.each<[string, number, RunRecord]>([
  ['that is the latest', 0, resumed([wrote(1), wrote(2), found('restored', 2)])],
  ['that is newer than what was seen', 0, resumed([wrote(1), wrote(2), wrote(3), found('restored', 3)])],
  ['that is older than a stored one', 1, resumed([wrote(1), wrote(2), found('restored', 1)])],
  ['that is torn', 1, resumed([wrote(1), wrote(2), found('torn', 2)])],
  ['that nobody wrote', 1, resumed([wrote(1), wrote(2), found('restored', 3)])],
  ['that was written later', 1, resumed([wrote(1), found('restored', 2), wrote(2)], { stored: [] })],
  ['of another run', 1, resumed([wrote(1), wrote(2), found('restored', 2, 's1r1')])],
  ['of another node', 1, resumed([wrote(2, { ...first, node: 1 }), found('restored', 2)])],
  ['that is missing, although one is stored', 1, resumed([wrote(1), wrote(2), foundNothing])],
  ['that is missing, as none is stored', 0, resumed([wrote(1), wrote(2), foundNothing], { stored: [] })],
  [
    'that is missing, as it was stored after the instance was created',
    0,
    resumed([wrote(2), foundNothing], { stored: [{ by: first.instance, step: 2, seenAt: Date.parse(at(1)) }] }),
  ],
  ['that is missing, of a run that was reset', 0, resumed([wrote(2), foundNothing], { applied: new Set(['reset']) })],
  [
    'that is missing after a success',
    0,
    resumed([wrote(2), foundNothing], {
      evidence: { ...resumed([wrote(2), foundNothing]).evidence, ends: [{ ...first, exitCode: 0 }] },
    }),
  ],
  [
    'that is missing before the success of a later attempt',
    1,
    resumed([wrote(2), foundNothing], {
      evidence: {
        ...resumed([wrote(2), foundNothing]).evidence,
        ...inTurn(first, second, third),
        ends: [{ ...third, exitCode: 0 }],
      },
    }),
  ],
])('a command that finds a checkpoint %s counts %i', (_, wrongCheckpoints, record) => {
  expect(judge(findings({ runs: [record] }))).toMatchObject({ wrongCheckpoints });
});

const small = instance({ hardware });
const large = instance({ hardware: { ...hardware, gpuMemory: 80 } });
const cloudFailure = { vendor: 'verda', at: at(-1) } as const;
const sold = ['2', '3', '4', '5'].map((id) => ({ ...large, id, name: `gpuc-other-${id}-0`, createdAt: at(-9) }));

it.each<[string, number, readonly LedgerInstance[], Partial<RunRecord>?, Feature?]>([
  ['has the earlier alternative', 0, [large]],
  ['has a later alternative', 1, [small]],
  ['has a later alternative on its second instance', 0, [large, { ...small, id: '2', createdAt: at(61) }]],
  ['has a later alternative after a failure', 0, [small], { failures: [cloudFailure] }],
  ['has a later alternative before a failure', 1, [small], { failures: [{ ...cloudFailure, at: at(9) }] }],
  ['has a later alternative, and shows no failures', 0, [small], { failures: undefined }],
  ['has a later alternative, and was reset', 0, [small], { applied: new Set(['reset']) }],
  ['has a later alternative while others have the earlier one', 0, [small, ...sold]],
  ['has the cheaper alternative by price', 0, [small], {}, 'prefers-price'],
  ['has the dearer alternative by price', 1, [large], {}, 'prefers-price'],
])('a run that %s counts %i', (_, wrongInstances, instances, changes = {}, ...more) => {
  const features = ['alternatives', ...more.filter((feature) => feature !== undefined)] as const;
  const chose = run({ plan: { features }, failures: [], ...changes });
  expect(judge(findings({ runs: [chose], instances }))).toMatchObject({ wrongInstances });
});

it('a webhook must hear nothing of a run without one, or that was cancelled', () => {
  const notified = new Map([['s1r0', ['run.failed'] as const]]);
  expect(judge(findings({ notified })).wrongNotices).toBe(1);
  const cancelled = run({
    plan: { features: ['notifies'] },
    reported: { outcome: 'cancelled' },
    applied: new Set(['cancel']),
  });
  expect(judge(findings({ runs: [cancelled], notified })).wrongNotices).toBe(1);
});

const downloads = new Map([['web.bin', 'aa']]);
const downloading = (changes: Partial<RunRecord['evidence']>, rest: Partial<RunRecord> = {}): RunRecord =>
  run({
    elsewhere: { downloads, sent: 'result\n' },
    evidence: { ...run().evidence, inputs: [{ instance: 'verda-1', file: 'web.bin', sha256: 'aa' }], ...changes },
    ...rest,
  });

it.each([
  ['a file that is whole', 0, downloading({})],
  ['a file with other bytes', 1, downloading({ inputs: [{ instance: 'verda-1', file: 'web.bin', sha256: 'bb' }] })],
  ['a file that is missing', 1, downloading({ inputs: [] })],
  ['a result that the bucket lacks', 1, downloading({}, { elsewhere: { downloads } })],
  [
    'a result that the bucket lacks, of a run that was canceled',
    0,
    downloading({}, { elsewhere: { downloads }, reported: { outcome: 'cancelled' }, applied: new Set(['cancel']) }),
  ],
])('files from elsewhere: %s counts %i', (_, wrongFiles, found) => {
  expect(judge(findings({ runs: [found] })).wrongFiles).toBe(wrongFiles);
});

it('a command must not start if the server has another file than the job names, and the run must say so', () => {
  const refused = run({
    plan: { fileTrouble: 'other-bytes' },
    elsewhere: { downloads },
    evidence: { starts: [], ends: [], outputs: new Map(), results: new Map() },
    reported: {
      outcome: 'input-refused',
      message: `https://x/web.bin has the SHA-256 ${'b'.repeat(64)} instead of ${'a'.repeat(64)}. Correct files.up[].sha256, or the file.`,
    },
  });
  expect(judge(findings({ runs: [refused] })).problems).toEqual([]);
  const started = { ...refused, evidence: run().evidence };
  expect(judge(findings({ runs: [started] })).wrongFiles).toBe(1);
  const unfounded = { ...refused, plan: { ...refused.plan, fileTrouble: undefined } };
  expect(judge(findings({ runs: [unfounded] })).wrongOutcomes).toBe(1);
});

const utc = { timezone: 'UTC', jitterSeconds: 0, catchUpSeconds: 600 };
const schedule: ScheduleRecord = {
  name: 's',
  triggers: 1,
  started: 1,
  skipped: 0,
  left: 'nothing',
  wanted: { overlap: 'skip', ...utc },
  had: { overlap: 'SKIP', ...utc },
  missed: false,
  runs: [{ from: 0, to: 10, known: true }],
};
const twice = { triggers: 2, started: 2 };
const bufferOne = { wanted: { overlap: 'buffer-one', ...utc }, had: { overlap: 'BUFFER_ONE', ...utc } } as const;

it.each<[string, number, Partial<ScheduleRecord>]>([
  ['that is removed', 0, {}],
  ['that is paused', 0, { left: 'paused' }],
  ['that is left', 1, { left: 'active' }],
  ['that started nothing', 1, { started: 0 }],
  ['that started two runs', 1, { started: 2 }],
  ['that wanted to start another run', 1, { skipped: 1 }],
  ['that was asked again, because an answer was lost', 0, { triggers: 2, skipped: 1 }],
  [
    'that is to skip, and had two runs at once',
    1,
    {
      ...twice,
      runs: [
        { from: 0, to: 10, known: true },
        { from: 9, to: 20, known: true },
      ],
    },
  ],
  [
    'that is to skip, and had a run beside one that Temporal lost',
    0,
    {
      ...twice,
      runs: [
        { from: 0, to: 10, known: false },
        { from: 9, to: 20, known: true },
      ],
    },
  ],
  [
    'that is to skip, and had a run after another',
    0,
    {
      ...twice,
      runs: [
        { from: 0, to: 10, known: true },
        { from: 11, to: 20, known: true },
      ],
    },
  ],
  ['that is to start one more run afterwards', 0, bufferOne],
  ['that is to start one more run afterwards, and skips', 1, { wanted: bufferOne.wanted }],
  ['that is in another time zone', 1, { wanted: { ...schedule.wanted, timezone: 'Asia/Kolkata' } }],
  ['that catches up for another time', 1, { wanted: { ...schedule.wanted, catchUpSeconds: 3600 } }],
  ['that lacks its jitter', 1, { wanted: { ...schedule.wanted, jitterSeconds: 5 } }],
  ['that started its run on request only, although it was due', 1, { missed: true }],
])('a schedule %s counts %i', (_, wrongSchedules, changes) => {
  expect(judge(findings({ schedules: [{ ...schedule, ...changes }] })).wrongSchedules).toBe(wrongSchedules);
});

const lease: LeaseRecord = {
  id: 'gpuc-chaos-0lease-0',
  name: 'lease0',
  applied: new Set(),
  released: true,
  end: 'released',
  dollars: 1,
};
const onLease = (changes: Partial<RunRecord> = {}) => run({ lease, ...changes });

it.each<[string, number, Partial<LeaseRecord>]>([
  ['its owner released', 0, {}],
  ['never ended', 1, { end: undefined }],
  ['somebody else released', 1, { released: false }],
  ['reached its cap', 1, { end: 'cap-reached' }],
  ['was lost, as faults of these classes make it', 0, { end: 'lost', released: false }],
  ['was terminated, and nobody did it', 1, { end: 'terminated', released: false }],
  ['was terminated', 0, { end: 'terminated', released: false, applied: new Set(['terminate-owner']) }],
])('a lease that %s counts %i', (_, wrongLeases, changes) => {
  expect(judge(findings({ leases: [{ ...lease, ...changes }] })).wrongLeases).toBe(wrongLeases);
});

it('a lease that is lost while no fault ends instances is wrong, and so is a cost that it leaves out', () => {
  const lost = { ...lease, end: 'lost', released: false };
  expect(judge(findings({ leases: [lost], faults: new Set(['worker-kill']) })).wrongLeases).toBe(1);
  const instances = [instance({ name: 'gpuc-chaos-0lease-0-abc', dollars: 1.5 })];
  const unreported = (record: LeaseRecord) => judge(findings({ runs: [], leases: [record], instances })).unreported;
  expect(unreported(lease)).toBeCloseTo(0.5, 1);
  expect(unreported({ ...lease, applied: new Set(['terminate-owner']) })).toBe(0);
});

it('a run on a lease must not rent, and fails with lease-ended only if its lease has ended', () => {
  expect(judge(findings({ runs: [onLease()], instances: [] })).problems).toEqual([]);
  expect(judge(findings({ runs: [onLease()] })).wrongLeases).toBe(1);
  const ended = { outcome: 'lease-ended', message: 'The lease lease0 ended: lost: it is gone.' };
  const failed = (record: LeaseRecord) =>
    findings({ runs: [onLease({ reported: ended, lease: record })], instances: [] });
  expect(judge(failed(lease)).wrongOutcomes).toBe(1);
  expect(judge(failed({ ...lease, released: false, end: 'lost' })).problems).toEqual([]);
});

it('two runs on a lease must not have the same GPU at the same time', () => {
  const using = (gpu: string, from: number, to?: number) =>
    onLease({ evidence: { ...run().evidence, uses: [{ instance: 'verda-1', gpus: [gpu], from, to }] } });
  const wrong = (one: RunRecord, other: RunRecord) =>
    judge(findings({ runs: [one, other], instances: [] })).wrongLeases;
  expect(wrong(using('0', 10, 20), using('0', 15))).toBe(1);
  expect(wrong(using('0', 10, 20), using('1', 15, 18))).toBe(0);
  expect(wrong(using('0', 10, 20), using('0', 21, 30))).toBe(0);
});

it('the job of each planned run is valid', () => {
  const { runs } = makePlan({ runs: 400, seed: 5, faults: new Set(faultClasses) });
  const elsewhere = {
    up: [{ from: 's3://chaos/in', to: 'inputs' }],
    down: [{ from: 'a', to: 's3://chaos/out/{run}/' }],
  };
  for (const planned of runs) expect(jobOf(planned, '/evidence', elsewhere).name).toBe(planned.id.toLowerCase());
});

it('makePlan mixes in each feature, and a run on a lease has no schedule and no constraints on offers', () => {
  const { runs } = makePlan({ runs: 200, seed: 5, faults: new Set(faultClasses) });
  const having = (feature: Feature) => runs.filter(({ features = [] }) => features.includes(feature));
  for (const feature of features) expect(having(feature).length).toBeGreaterThanOrEqual(15);
  const onLeases = having('on-lease');
  const others = new Set(onLeases.flatMap(({ features = [] }) => features));
  expect(others).not.toContain('scheduled');
  expect(others).not.toContain('excludes-vendors');
  expect([...others]).toEqual(expect.arrayContaining(['container', 'private-image', 'runs-again']));
  expect(onLeases.filter(({ constraints, schedule }) => constraints ?? schedule)).toEqual([]);
  const all = runs.flatMap(({ constraints = {} }) => Object.entries(constraints));
  const constrained = all.filter(([, value]) => value !== undefined).map(([name]) => name);
  expect(new Set(constrained)).toEqual(new Set(['minVcpus', 'minMemory', 'minGpuMemory', 'regions']));
  const overlaps = new Set(runs.flatMap(({ schedule }) => schedule?.overlap ?? []));
  expect(overlaps).toEqual(new Set(scheduleOverlaps));
  expect(new Set(runs.map(({ fileTrouble }) => fileTrouble))).toEqual(
    new Set([undefined, 'slow', 'cut', 'unavailable', 'other-bytes']),
  );
});
