import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Cloud, CloudError } from '@gpu-clouds/clouds';
import { checkMasterSecret, searchAttributesRegistered, taskQueues } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { searchAttributes } from '@gpu-clouds/jobs/contract';
import type { Client } from '@temporalio/client';
import { CliError, exitCodes } from '../cli-error.ts';
import { checkedClouds } from '../clouds.ts';
import { styleOf } from '../output/style.ts';
import { wrapped } from '../output/width.ts';
import { fleetOf, namedFleet, runStore, runStoreLocation } from '../settings.ts';
import { TemporalUnreachableError, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { ownVersion } from '../version.ts';

/** One check. */
interface Check {
  /** What was checked. */
  readonly name: string;
  /** `warning`: something is not set up that not everybody needs. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found. */
  readonly message: string;
  /** What to do. Absent if the state is `ok`. */
  readonly fix?: string | undefined;
}

const maxWaitMs = 5000;
const maxSkewMs = 60_000;
const nameWidth = 17;
const symbols = { ok: ['green', '✓'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const;

/**
 * Checks what gpu-clouds needs, and prints one line for each check with the fix of each problem.
 * @returns 1 when there is a problem, else 0
 */
export async function doctor({ json }: { readonly json?: boolean | undefined }, terminal: Terminal): Promise<number> {
  const results: Check[] = [];
  const groups = [
    versions(terminal),
    ...cloudChecks(terminal),
    fleetCheck(terminal),
    temporalChecks(terminal),
    secretCheck(terminal),
    codecCheck(terminal),
    storeCheck(terminal),
    sshCheck(),
  ];
  for (const group of groups) {
    for (const check of await group) {
      results.push(check);
      if (json) continue;
      terminal.out(lines(check, terminal));
    }
  }
  const problems = results.filter(({ state }) => state === 'problem').length;
  if (json) terminal.out(JSON.stringify(results));
  else
    terminal.note(
      problems === 0 ? 'No problem found.' : `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`,
    );
  return problems === 0 ? exitCodes.success : exitCodes.failure;
}

/** The name, what was found, and the fix, wrapped beside the name. */
function lines({ name, state, message, fix }: Check, terminal: Terminal): string {
  const style = styleOf(terminal);
  const [color, symbol] = symbols[state];
  const text = fix === undefined ? message : `${message}\nfix: ${fix}`;
  const found = wrapped(text, nameWidth + 3, terminal.columns);
  return `${style(color, symbol)} ${style('bold', name.padEnd(nameWidth))} ${found}`;
}

const ok = (name: string, message: string): Check => ({ name, state: 'ok', message });
const problem = (name: string, message: string, fix: string): Check => ({ name, state: 'problem', message, fix });
const warning = (name: string, message: string, fix: string): Check => ({ name, state: 'warning', message, fix });

async function versions({ settingsFile }: Terminal): Promise<readonly Check[]> {
  const file = settingsFile === undefined ? 'no settings file' : `settings of ${settingsFile.path}`;
  return [ok('gpu-clouds', `${ownVersion()} on Node ${process.versions.node}, ${file}`)];
}

function cloudChecks(terminal: Terminal): readonly Promise<readonly Check[]>[] {
  const { clouds, missing, malformed } = checkedClouds(terminal);
  const without = missing.map(async ({ vendor, variables }) => {
    const report = clouds.size + malformed.length === 0 ? problem : warning;
    return [report(vendor, 'no credentials', `Set ${variables.join(' and ')}, or leave this cloud out.`)];
  });
  const wrong = malformed.map(async ({ vendor, message }) => [
    problem(vendor, message, 'Correct this variable, or unset it.'),
  ]);
  const checks = [...clouds.values()].map(cloudCheck);
  const clock = Promise.allSettled(checks).then(() => clockCheck([...clouds.values()]));
  return [...checks, ...wrong, ...without, clock];
}

async function cloudCheck(cloud: Cloud): Promise<readonly Check[]> {
  const start = Date.now();
  const slow = new AbortController();
  try {
    const answer = await Promise.race([
      cloud.listInstances({ signal: slow.signal }),
      delay(maxWaitMs, undefined, { signal: slow.signal }),
    ]);
    if (answer === undefined)
      return [problem(cloud.vendor, 'no answer within 5 s', 'Check the network and the status page of the cloud.')];
    const took = Date.now() - start;
    const instances = answer.length === 1 ? '1 instance' : `${answer.length} instances`;
    return [ok(cloud.vendor, `answers in ${took} ms, ${instances} in the account`)];
  } catch (error) {
    if (!CloudError.isInstance(error)) throw error;
    const fix =
      error.kind === 'unauthorized'
        ? "Make a new key in the cloud's console, and set its variables."
        : 'Try again. If it stays, check the network and the status page of the cloud.';
    return [problem(cloud.vendor, error.message, fix)];
  } finally {
    slow.abort();
  }
}

/** Says nothing if no cloud has answered. */
function clockCheck(clouds: readonly Cloud[]): readonly Check[] {
  const skews = clouds.flatMap(({ vendor, clockSkewMs }) => {
    const skew = clockSkewMs?.();
    return skew === undefined ? [] : [{ vendor, seconds: Math.round(Math.abs(skew) / 1000), isAhead: skew > 0 }];
  });
  const [worst] = skews.toSorted((a, b) => b.seconds - a.seconds);
  if (worst === undefined) return [];
  const { vendor, seconds, isAhead } = worst;
  if (seconds * 1000 < maxSkewMs) return [ok('clock', `within ${Math.max(1, seconds)} s of the clocks of the clouds`)];
  const message = `${seconds} s ${isAhead ? 'ahead of' : 'behind'} ${vendor}`;
  return [problem('clock', message, 'Set the clock of this machine, for example with NTP.')];
}

/** Says nothing about the fleet of the namespace, which the check of Temporal names. */
async function fleetCheck(terminal: Terminal): Promise<readonly Check[]> {
  try {
    await namedFleet(terminal);
    return [];
  } catch (error) {
    const fix = 'Set GPU_CLOUDS_FLEET to 1 to 12 lower-case letters and digits, as the workers do.';
    if (!(error instanceof CliError)) throw error;
    return [problem('fleet', `"${terminal.env.GPU_CLOUDS_FLEET}" cannot be the name of a fleet`, fix)];
  }
}

async function temporalChecks(terminal: Terminal): Promise<readonly Check[]> {
  try {
    return await withTemporal(terminal, async (client) => {
      const { connection, options, workflowService } = client;
      const { serverVersion } = await workflowService.getSystemInfo({});
      const fleet = await fleetOf(terminal, client).catch((error: unknown) => {
        if (!(error instanceof CliError)) throw error;
        return 'not known';
      });
      const { pollers } = await workflowService.describeTaskQueue({
        namespace: options.namespace,
        taskQueue: { name: taskQueues.workflows },
        taskQueueType: 1,
      });
      const searchable = await searchAttributesRegistered(connection, options.namespace).catch(() => false);
      return [
        ok('temporal', `${serverVersion ?? 'unknown version'}, namespace ${options.namespace}, fleet ${fleet}`),
        searchable
          ? ok('search attributes', 'registered')
          : warning(
              'search attributes',
              'missing, so runs cannot be searched in Temporal',
              'Call registerSearchAttributes of @gpu-clouds/jobs once.',
            ),
        pollers?.length
          ? ok('workers', `${pollers.length} in the last few minutes`)
          : problem('workers', 'none, so nothing makes progress', 'Start one with "gpu-clouds worker".'),
        ...(searchable ? await alarms(client) : []),
      ];
    });
  } catch (error) {
    if (error instanceof TemporalUnreachableError) return [problem('temporal', error.problem, error.fix)];
    const message = error instanceof Error ? error.message : String(error);
    return [problem('temporal', message, 'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, and the server.')];
  }
}

const alarmFixes = {
  teardownStuck: {
    message: 'being destroyed for more than ten minutes, and may still bill',
    fix: "Look for the instance in the cloud's console, and check the credentials of the workers.",
  },
  accountSuspect: {
    message: 'all instances of the account vanished from its lists at once',
    fix: "Check that the workers' credentials belong to the account that the instance is in.",
  },
} as const;

/** The owners of instances that have raised an alarm. */
async function alarms(client: Client): Promise<readonly Check[]> {
  const raised: Check[] = [];
  for (const alarm of ['teardownStuck', 'accountSuspect'] as const) {
    const query = `${searchAttributes[alarm].name} = true AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of client.workflow.list({ query })) {
      const { message, fix } = alarmFixes[alarm];
      raised.push(problem('alarm', `${workflowId}: ${message}`, fix));
    }
  }
  return raised;
}

async function secretCheck({ env }: Terminal): Promise<readonly Check[]> {
  const fix = 'Run "gpu-clouds init", or: openssl rand -base64 32. Use the same value for all workers.';
  if (!env.GPU_CLOUDS_MASTER_SECRET)
    return [warning('master secret', 'not set: needed by workers, "up", and "ssh"', fix)];
  try {
    checkMasterSecret(env.GPU_CLOUDS_MASTER_SECRET);
    return [ok('master secret', 'set')];
  } catch (error) {
    return [problem('master secret', error instanceof Error ? error.message : String(error), fix)];
  }
}

async function codecCheck({ env }: Terminal): Promise<readonly Check[]> {
  if (!env.GPU_CLOUDS_CODEC_KEYS) return [ok('encryption', 'off: Temporal stores jobs as they are')];
  try {
    dataConverterFromEnv(env);
    return [ok('encryption', 'on')];
  } catch (error) {
    return [
      problem('encryption', error instanceof Error ? error.message : String(error), 'Correct GPU_CLOUDS_CODEC_KEYS.'),
    ];
  }
}

async function storeCheck(terminal: Terminal): Promise<readonly Check[]> {
  const location = runStoreLocation(terminal);
  try {
    await (await runStore(terminal)).check();
    return [ok('run store', location)];
  } catch (error) {
    return [problem('run store', error instanceof Error ? error.message : String(error), 'Correct GPU_CLOUDS_RUNS.')];
  }
}

async function sshCheck(): Promise<readonly Check[]> {
  try {
    // OpenSSH writes its version to standard error.
    const { stderr } = await promisify(execFile)('ssh', ['-V']);
    return [ok('ssh', stderr.trim().split(',')[0] ?? '')];
  } catch {
    return [warning('ssh', 'not found: needed by "ssh", "exec", and "cp"', 'Install OpenSSH.')];
  }
}
