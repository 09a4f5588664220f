import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobHandle, JobNotFoundError, type JobStatus, localRunStore } from '@gpu-clouds/jobs';
import { Client, ServiceError } from '@temporalio/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { followRun, resultOf } from './follow-run.ts';
import { InterruptedError, type Prompts } from './terminal.ts';

const running: JobStatus = {
  id: 'run',
  name: 'train',
  nodes: 1,
  phase: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  phaseSince: '2026-01-01T00:00:00.000Z',
  elapsedSeconds: 1,
  costSoFar: 0,
  instances: [],
  activeInstances: [],
  failures: [],
};
const finished: JobStatus = { ...running, phase: 'finished', outcome: 'succeeded', exitCode: 0 };
const unavailable = new ServiceError('Failed to describe workflow', {
  cause: Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: '', metadata: {} }),
});

/** A terminal that does not wait between attempts to reach Temporal. */
const patient = (signal?: AbortSignal) => ({ ...recordingTerminal({}, signal), wait: async () => undefined });

/** What each call of `watch` does. */
let watches: (() => AsyncGenerator<JobStatus>)[];
let asked: string[];
beforeEach(() => {
  watches = [];
  asked = [];
});

/** A watch that yields the statuses, then throws the error, if there is one. */
const watching = (statuses: readonly JobStatus[], error?: Error) =>
  async function* () {
    yield* statuses;
    if (error !== undefined) throw error;
  };

const fake = (): JobHandle => ({
  id: 'run',
  status: async () => running,
  watch: () => (watches.shift() ?? async function* () {})(),
  result: () => Promise.reject(new Error('unused')),
  stop: async () => {
    asked.push('stop');
  },
  cancel: async () => {
    asked.push('cancel');
  },
});

it('followRun says that a run continues and bills when Temporal is lost, and goes on when it answers again', async () => {
  watches = [watching([running], unavailable), watching([], unavailable), watching([finished])];
  const terminal = patient();
  expect(await followRun(fake(), {}, terminal)).toBe(finished);
  expect(terminal.notes).toEqual([
    expect.stringContaining('running'),
    'gpu-clouds: Temporal does not answer. run continues, and bills until its limits. Trying again…',
    'Temporal answers again.',
    expect.stringContaining('succeeded, exit code 0'),
  ]);
});

it('followRun shows the output of one attempt after the other, and says why the next one begins', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-attempts-'));
  const runs = localRunStore(folder);
  const write = (attempt: number, text: string) =>
    runs.writeOutput({ run: 'run', node: 0, attempt }, 0, Buffer.from(text));
  const since = running.startedAt;
  const attempts = [
    { attempt: 1, since, until: since, exitCode: 137 },
    { attempt: 2, since },
  ];
  watches = [
    async function* () {
      await write(1, 'one\n');
      yield { ...running, attempts: [{ attempt: 1, since }] };
      await write(2, 'two\n');
      yield { ...running, attempts };
      yield { ...finished, attempts };
    },
  ];
  const terminal = patient();
  try {
    await followRun(fake(), { output: { runs, nodes: 1 } }, terminal);
  } finally {
    await rm(folder, { recursive: true });
  }
  expect(terminal.rawText()).toBe('one\ntwo\n');
  expect(terminal.notes.filter((line) => line.includes('attempt'))).toEqual([
    expect.stringContaining('attempt 1 ended with exit code 137; attempt 2 begins'),
  ]);
});

it('followRun gives up with exit code 6 after 15 minutes without Temporal, and says how to look later', async () => {
  watches = Array.from({ length: 10 }, () => watching([], unavailable));
  vi.spyOn(Date, 'now').mockImplementationOnce(() => 0);
  await expect(followRun(fake(), {}, patient())).rejects.toMatchObject({
    exitCode: 6,
    message: expect.stringMatching(/run may still run and bill\. Run "gpu-clouds show run"/),
  });
});

it('followRun reports an error that is not about the connection', async () => {
  watches = [watching([], new JobNotFoundError('There is no run "run".'))];
  await expect(followRun(fake(), {}, patient())).rejects.toThrow('There is no run "run".');
});

/** A terminal that is interrupted while the run is watched. */
function interrupted(by: InterruptedError['by'], answer?: 'detach' | 'stop' | 'cancel') {
  const first = new AbortController();
  watches = [
    async function* () {
      yield running;
      first.abort(new InterruptedError(by));
    },
    watching([finished]),
  ];
  let questions = 0;
  const prompts: Prompts = {
    confirm: async () => true,
    text: async () => '',
    select: async (_message, choices) => {
      questions += 1;
      return choices.find(({ value }) => value === answer)?.value;
    },
  };
  const nextInterrupt = () => new AbortController().signal;
  return { questions: () => questions, terminal: { ...patient(first.signal), prompts, nextInterrupt } };
}

it.each(['stop', 'cancel'] as const)(
  'after Ctrl-C and the answer %s, followRun requests it and follows to the end',
  async (way) => {
    const { terminal } = interrupted('person', way);
    expect(await followRun(fake(), {}, terminal)).toBe(finished);
    expect(asked).toEqual([way]);
  },
);

it.each([
  ['person', 'detach', 1],
  ['person', undefined, 1],
  ['program', 'stop', 0],
  ['closed output', 'stop', 0],
] as const)(
  'after an interrupt by a %s and the answer %s, followRun says that the run continues',
  async (by, answer, times) => {
    const { questions, terminal } = interrupted(by, answer);
    expect(await followRun(fake(), {}, terminal)).toBeUndefined();
    expect([asked, questions()]).toEqual([[], times]);
    expect(terminal.notes.slice(-4)).toEqual([
      'run continues, and bills until it ends.',
      '  follow it: gpu-clouds logs run --follow',
      '  stop it, with its files: gpu-clouds stop run',
      '  cancel it: gpu-clouds cancel run',
    ]);
  },
);

it('followRun ends at once when a program interrupts it while Temporal does not answer', async () => {
  const interrupt = new AbortController();
  watches = [
    async function* () {
      yield running;
      interrupt.abort(new InterruptedError('program'));
      await new Promise(() => undefined);
    },
  ];
  const terminal = patient(interrupt.signal);
  expect(await followRun(fake(), {}, terminal)).toBeUndefined();
  expect(terminal.notes.at(-4)).toBe('run continues, and bills until it ends.');
});

it('resultOf returns the result of a run that was stopped after Ctrl-C', async () => {
  const interrupt = new AbortController();
  interrupt.abort(new InterruptedError('person'));
  const result = { id: 'run', outcome: 'stopped', exitCode: 0 };
  const handle = { ...fake(), result: vi.fn().mockResolvedValue(result) };
  expect(await resultOf(new Client(), handle, patient(interrupt.signal))).toBe(result);
});
