import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { driveRun } from './drive-run.ts';
import type { FaultClass } from './fault-classes.ts';
import { secretsInFiles, secretsInHistories } from './find-secrets.ts';
import { secretName } from './job-of-run.ts';
import { isClean, judge, type Verdict } from './judge.ts';
import { type Action, makePlan, type Plan, type PlannedFault, type PlannedRun } from './plan.ts';
import type { RunRecord } from './run-record.ts';
import { settle } from './settle.ts';
import { simulatorDoor } from './simulator-door.ts';
import { Stack, type StartTemporal } from './stack.ts';
import type { World } from './world.ts';

export interface ChaosOptions {
  readonly runs: number;
  readonly seed: number;
  readonly faults: ReadonlySet<FaultClass>;
  /** Runs at once. */
  readonly concurrency: number;
  /** Keep what was written even when all is well. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  /** Default: made from the seed. */
  readonly plan?: Plan;
  /** File with the workflows' code, bundled. Default: bundled anew. */
  readonly bundle?: string;
  /** Default: the dev server. */
  readonly startTemporal?: StartTemporal;
  /** Files and folders that secrets must not be in, beside those of the harness itself. */
  readonly places?: readonly string[];
  /** More to do and to look at beside the runs. Answers a sentence for each thing that is wrong; its instances have to be gone by then. */
  readonly beside?: (stack: Stack, runsDone: Promise<unknown>) => Promise<readonly string[]>;
}

export interface ChaosReport extends Verdict {
  readonly seed: number;
  readonly runs: number;
  readonly faults: readonly FaultClass[];
  /** Things that the reaper had to destroy: nobody's fault where somebody terminated their owner. */
  readonly reaped: number;
  readonly seconds: number;
}

/** Runs jobs while everything goes wrong, and says what came of it. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const begin = Date.now();
  const plan = options.plan ?? makePlan(options);
  const home = await mkdtemp(join(tmpdir(), 'gpu-clouds-chaos-'));
  const planted = new Map([
    [secretName, `planted-token-${randomBytes(12).toString('hex')}`],
    ['GPU_CLOUDS_MASTER_SECRET', `planted-master-${randomBytes(12).toString('hex')}`],
  ]);
  const note = (line: string) => options.note(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  note(`seed ${options.seed}, ${options.runs} runs, ${plan.faults.length} faults of the whole; in ${home}`);
  const settings = { ...Object.fromEntries(planted), GPU_CLOUDS_JOB_SECRETS: secretName };
  const stack = await Stack.start(home, options.seed, settings, options);
  const abort = () => void stack.close().finally(() => process.exit(130));
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  let clean = false;
  try {
    let calm = false;
    const world: World = {
      stack,
      door: simulatorDoor(stack.simulatorUrl),
      note,
      get calm() {
        return calm;
      },
    };
    const injector = new Injector(plan.faults, world);
    const driving = driveAll(plan.runs, world, injector, options.concurrency, async () => {
      await injector.done();
      calm = true;
      await world.door.clearFaults();
      note('nothing more is injected');
    });
    const [records, wrongBeside] = await Promise.all([driving, options.beside?.(stack, driving) ?? []]);
    await stack.settled();
    const reaped = await settle(world);
    for (const thing of reaped) note(`reaped ${thing}`);
    const secrets = new Map([...planted, ...credentialsIn(stack.env)]);
    const places = ['temporal.db', 'temporal.db-wal', 'temporal-server.log', 'logs', 'runs'].map((name) =>
      join(home, name),
    );
    const verdict = judge({
      ledger: await world.door.ledger(),
      runs: records,
      outages: stack.outages,
      faults: options.faults,
      secretsFound: [
        ...(await secretsInHistories(stack.client, secrets)),
        ...(await secretsInFiles([...places, ...(options.places ?? [])], secrets)),
      ],
    });
    clean = isClean(verdict) && wrongBeside.length === 0;
    const seconds = Math.round((Date.now() - begin) / 100) / 10;
    const { seed, runs, faults } = options;
    return {
      seed,
      runs,
      faults: [...faults],
      ...verdict,
      problems: [...verdict.problems, ...wrongBeside],
      reaped: reaped.length,
      seconds,
    };
  } finally {
    options.signal.removeEventListener('abort', abort);
    await stack.close();
    if (clean && !options.keep) await rm(home, { recursive: true, force: true });
    else note(`logs, outputs, evidence and Temporal's database are in ${home}`);
  }
}

/** Faults of the whole, each when so many runs have begun. */
class Injector {
  readonly #faults: readonly PlannedFault[];
  readonly #world: World;
  readonly #underWay: Promise<void>[] = [];

  constructor(faults: readonly PlannedFault[], world: World) {
    this.#faults = faults;
    this.#world = world;
  }

  begun(runs: number): void {
    for (const { action, afterStarts, delayMs } of this.#faults) {
      if (afterStarts === runs) this.#underWay.push(delay(delayMs).then(() => this.#inject(action)));
    }
  }

  async done(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #inject(action: Action): Promise<void> {
    const { stack, door, note } = this.#world;
    note(JSON.stringify(action));
    try {
      if (action.what === 'vendor') await door.addFaults(action.rules);
      else if (action.what === 'server-kill') await stack.killServer(action.awayMs);
      else
        await stack.replaceWorker(action.worker, action.what === 'worker-kill' ? 'SIGKILL' : 'SIGTERM', action.awayMs);
    } catch (error) {
      note(`${action.what} could not be done: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function driveAll(
  runs: readonly PlannedRun[],
  world: World,
  injector: Injector,
  concurrency: number,
  whenAllHaveBegun: () => Promise<void>,
): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  const waiting = [...runs];
  let begun = 0;
  let calming: Promise<void> | undefined;
  const supervising = setInterval(() => void world.stack.supervise().catch(() => undefined), 2000);
  const lane = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      begun += 1;
      injector.begun(begun);
      if (waiting.length === 0) calming ??= whenAllHaveBegun();
      const record = await driveRun(run, world);
      records.push(record);
      world.note(
        `${records.length}/${runs.length}  ${run.id} ${run.kind}: ${record.reported?.outcome ?? 'never ended'}`,
      );
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  clearInterval(supervising);
  await calming;
  return records;
}

/** The simulated accounts' own credentials must not lie about either. */
function credentialsIn(env: NodeJS.ProcessEnv): [string, string][] {
  const names = /^(VERDA|GPU_AI|MASSED_COMPUTE|TENSORDOCK)_.*(SECRET|KEY|TOKEN)$/;
  return Object.entries(env).filter(
    (entry): entry is [string, string] => names.test(entry[0]) && entry[1] !== undefined,
  );
}
