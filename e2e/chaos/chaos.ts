import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { variablePrefix, vendors } from '@gpu-clouds/clouds';
import { setBudget } from '@gpu-clouds/jobs';
import { inject } from './actions.ts';
import { placeBystanders } from './bystanders.ts';
import { driveRun } from './drive-run.ts';
import type { Action } from './faults/fault.ts';
import type { FaultClass } from './faults/index.ts';
import { vendorSecret } from './faults/job-faults.ts';
import { FileSource, signedLink } from './file-source.ts';
import { secretsInFiles, secretsInHistories } from './find-secrets.ts';
import { longSecretName, secretName } from './job-of-run.ts';
import { isClean, judge, type Verdict } from './judge.ts';
import { Leases } from './leases.ts';
import { makePlan, type Plan, type PlannedFault, type PlannedRun } from './plan.ts';
import { privateRegistry } from './private-registry.ts';
import { type Reached, reachedBy } from './reached.ts';
import type { RunRecord } from './run-record.ts';
import { Schedules } from './schedules.ts';
import { settle } from './settle.ts';
import { simulatorControl } from './simulator-control.ts';
import { fleet, nextMasterSecret, Stack, type StartTemporal } from './stack.ts';
import { Webhook, webhookVariables } from './webhook.ts';
import { defaultPatience, type Patience, type World } from './world.ts';

/** For notifications after the end of all runs: a refused one is sent again after a pause. */
const notifyTimeoutMs = 60_000;

/** Options of {@link chaos}. */
export interface ChaosOptions {
  /** Number of runs. */
  readonly runs: number;
  readonly seed: number;
  readonly faults: ReadonlySet<FaultClass>;
  /**
   * Runs a drill, which may be expected to fail: faults strike until all runs have ended, a run that never ends decides, and no files are
   * kept. Default: false.
   */
  readonly drill?: boolean | undefined;
  /** Default: enough for a slow computer. */
  readonly patience?: Patience | undefined;
  /** Number of runs that are active at the same time. */
  readonly concurrency: number;
  /** Keep logs, outputs, and the database even when nothing is wrong. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  /** Default: derived from the seed. */
  readonly plan?: Plan | undefined;
  /** File with the bundled workflow code. Default: a new bundle. */
  readonly bundle?: string | undefined;
  /** Default: the dev server. */
  readonly startTemporal?: StartTemporal | undefined;
  /** Additional files and folders that must not contain secrets. */
  readonly secretFreePaths?: readonly string[] | undefined;
  /** Additional work while the runs are active. Returns one sentence per problem. Its instances must be gone when it resolves. */
  readonly alongside?: (stack: Stack, runsDone: Promise<unknown>) => Promise<readonly string[]>;
}

/** Result of {@link chaos}. */
export interface ChaosReport extends Verdict {
  readonly seed: number;
  readonly runs: number;
  readonly faults: readonly FaultClass[];
  /** Number of orphans that the reaper destroyed. Expected when a fault terminated their owner workflow. */
  readonly reaped: number;
  readonly reached: Reached;
  readonly seconds: number;
}

/** Runs jobs while faults are injected, then judges the result. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const begin = Date.now();
  const plan = options.plan ?? makePlan(options);
  const home = await mkdtemp(join(tmpdir(), 'gpu-clouds-chaos-'));
  const plantedText = (what: string) => `planted-${what}-${randomBytes(12).toString('hex')}`;
  const [token, tokenEnd] = [plantedText('token'), plantedText('end')];
  const planted = new Map<string, string>([
    [secretName, token],
    ['CHAOS_TOKEN_END', tokenEnd],
    // Each worker would stretch a password again when it starts.
    ['GPU_CLOUDS_MASTER_SECRET', `${plantedText('master')}${plantedText('end')}`],
    [nextMasterSecret, plantedText('master')],
  ]);
  const note = (line: string) => options.note(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  note(`seed ${options.seed}, ${options.runs} runs, ${plan.faults.length} system faults; in ${home}`);
  // An operator may allow too much.
  const allowedSecrets = [
    ...[secretName, longSecretName, privateRegistry.variable, ...Object.values(webhookVariables)],
    ...['toString', vendorSecret, 'GPU_CLOUDS_MASTER_SECRET'],
  ].join(',');
  const webhook = await Webhook.start();
  const files = await FileSource.start(home);
  const settings = {
    ...Object.fromEntries(planted),
    [longSecretName]: `${token}${tokenEnd}\n`,
    [privateRegistry.variable]: privateRegistry.login,
    GPU_CLOUDS_JOB_SECRETS: allowedSecrets,
    GPU_CLOUDS_NOTIFY_PRIVATE: '1',
    ...webhook.settings,
    ...files.settings,
  };
  const { programs } = files;
  const stack = await Stack.start(home, options.seed, settings, { ...options, programs });
  const abort = () => void stack.close().finally(() => process.exit(130));
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  let clean = false;
  try {
    let calm = false;
    const world: World = {
      stack,
      control: simulatorControl(stack.simulatorUrl),
      files,
      leases: new Leases(stack),
      schedules: new Schedules(stack.client),
      note,
      patience: options.patience ?? defaultPatience,
      reapedAlive: [],
      get calm() {
        return calm;
      },
    };
    if (options.faults.has('shared-account')) await placeBystanders(stack.env);
    // Enough for all, so that every owner reserves and settles and none is refused.
    await setBudget(stack.client, { dollars: 10_000, per: 'day' }, { fleet });
    const injector = new Injector(plan.faults, world);
    const driving = driveAll(plan.runs, world, injector, options.concurrency, async () => {
      await injector.done();
      if (options.drill) return;
      calm = true;
      await world.control.clearFaults();
      note('no more faults are injected');
    });
    const [records, otherProblems] = await Promise.all([driving, options.alongside?.(stack, driving) ?? []]);
    await stack.settled();
    await delay(plan.lateMs ?? 0);
    await world.control.clearFaults();
    const leases = await world.leases.end(Date.now() + world.patience.settleMs);
    const hangs = options.drill && records.some(({ reported }) => reported === undefined);
    const reaped = hangs ? [] : await settle(world);
    for (const { instanceName, key, why } of reaped) note(`reaped ${instanceName} (${key}): ${why}`);
    const secrets = new Map([...planted, ...credentialsIn(stack.env), ...files.secrets, ['a signed link', signedLink]]);
    secrets.set(privateRegistry.variable, privateRegistry.password);
    const places = ['temporal.db', 'temporal.db-wal', 'temporal-server.log', 'logs', 'runs'].map((name) =>
      join(home, name),
    );
    places.push(files.seenByCurl);
    const verdict = judge({
      ledger: await world.control.ledger(),
      runs: records,
      leases,
      schedules: await world.schedules.records(),
      outages: stack.outages,
      faults: options.faults,
      bystanders: await world.control.bystanders(),
      used: await stack.used(),
      reaped,
      reapedAlive: world.reapedAlive,
      ...(await webhook.notified(records, options.drill ? 20_000 : notifyTimeoutMs)),
      secretsFound: [
        ...(await secretsInHistories(stack.client, secrets)),
        ...(await secretsInFiles([...places, ...(options.secretFreePaths ?? [])], secrets)),
        ...records.flatMap(({ evidence }) =>
          (evidence.secretFiles ?? []).map((file) => `a signed link or the password of a registry is in ${file}`),
        ),
      ],
    });
    clean = isClean(verdict) && otherProblems.length === 0;
    const seconds = Math.round((Date.now() - begin) / 100) / 10;
    const { seed, runs, faults } = options;
    return {
      seed,
      runs,
      faults: [...faults],
      ...verdict,
      problems: [...verdict.problems, ...otherProblems],
      reaped: reaped.length,
      reached: reachedBy(records),
      seconds,
    };
  } finally {
    options.signal.removeEventListener('abort', abort);
    await stack.close();
    webhook.close();
    files.close();
    if ((clean || options.drill) && !options.keep) await rm(home, { recursive: true, force: true });
    else note(`logs, outputs, evidence, and the Temporal database are in ${home}`);
  }
}

/** Injects each system fault once the planned number of runs has started. */
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
    const { note } = this.#world;
    note(JSON.stringify(action));
    try {
      await inject(action, this.#world);
    } catch (error) {
      note(`${action.what} failed: ${error instanceof Error ? error.message : error}`);
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
  injector.begun(0);
  await injector.done();
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

/** Returns the credentials of the simulated accounts, which must not leak either. */
function credentialsIn(env: NodeJS.ProcessEnv): [string, string][] {
  const ofVendors = (name: string) => vendors.some((vendor) => name.startsWith(variablePrefix(vendor)));
  return Object.entries(env).filter(
    (entry): entry is [string, string] =>
      ofVendors(entry[0]) && /_(SECRET|KEY|TOKEN)$/.test(entry[0]) && entry[1] !== undefined,
  );
}
