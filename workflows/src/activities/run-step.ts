import { Context, cancellationDetails, heartbeat } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { insideContainer, preparation } from '../ssh/container.ts';
import { checkGpus } from '../ssh/gpu-check.ts';
import { followStep, killStep, startStep, stepOfAttempt } from '../ssh/remote-step.ts';
import { SecretMask } from '../ssh/secret-mask.ts';
import { gpuVariables } from '../ssh/share.ts';
import { quoteForShell } from '../ssh/shell.ts';
import type { StepEnd } from '../ssh/step-end.ts';
import { checkTerminal } from '../ssh/terminal-check.ts';
import type { StepInput, StepResult } from './contract.ts';
import { type Dependencies, secretOf } from './dependencies.ts';
import { GpuSampling } from './gpu-sampling.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess, type Reached } from './instance-access.ts';
import { OutputTimes } from './output-times.ts';
import { remoteText } from './remote-text.ts';
import { StoredOutput } from './stored-output.ts';

/** Characters of what an instance says instead of an exit code. */
const mostShown = 60;

/** Bytes. */
const gib = 1024 ** 3;

/** What one attempt leaves to the next. */
interface Followed extends Reached {
  /** Bytes of the step's output that are safely stored. */
  readonly offset: number;
}

/**
 * Starts a script on the instance unless it was started before, and follows it to its end. A worker that dies or is replaced costs
 * nothing: the script goes on, and the next attempt follows from where this one had stored. It is killed only when somebody asked for
 * that, never because a worker goes.
 */
export function runStep(dependencies: Dependencies) {
  return async (input: StepInput): Promise<StepResult> => {
    const last: Followed | undefined = Context.current().info.heartbeatDetails;
    const secrets = new Map(input.secrets.map((name) => [name, secretOf(dependencies, name)]));
    const { runs, now } = dependencies;
    const pollMs = dependencies.timing.followPollMs;
    const stored = { run: input.run, node: input.node ?? 0, attempt: input.attempt };
    const output = await StoredOutput.resume(
      {
        runs,
        output: stored,
        begin: input.outputOffset,
        secrets: [...secrets.values()],
        times: await OutputTimes.resume(runs, stored, now),
        ...outputLimit(input),
      },
      last?.offset,
    );
    const access = new InstanceAccess(dependencies, input);
    const gpus = input.step === 'command' ? await GpuSampling.resume(dependencies, input) : undefined;
    const inContainer = input.container !== undefined && input.step !== 'container';
    const onTerminal = input.tty === true && !inContainer;
    const step = { ...stepOfAttempt(input.instance, input.step, input.attempt), inContainer, onTerminal };

    const details = (): Followed => ({ offset: output.offset, ...access.reached });

    const startAndFollow = async (): Promise<StepResult> => {
      const follow = () =>
        access.session(async (session) => {
          if (input.gpus !== undefined) await checkGpus(session, step, input.gpus);
          if (onTerminal) await checkTerminal(session, step);
          await startStep(session, step, scriptOf(input, secrets));
          const take = async (bytes: Buffer) => {
            await output.append(bytes);
            heartbeat(details());
            return output.isFull ? 'enough' : 'more';
          };
          return followStep(session, step, output.isFull ? undefined : output.offset, take, { gpus, pollMs });
        });
      const end = await follow().finally(() => Promise.all([output.close(), gpus?.close()]));
      await output.end();
      heartbeat(details());
      return { bytes: output.offset, ...resultOf(end, [...secrets.values()]), idleSeconds: gpus?.idleSeconds };
    };
    try {
      return await withHeartbeats(startAndFollow, details);
    } catch (error) {
      const asked = error instanceof CancelledFailure && cancellationDetails()?.cancelRequested === true;
      if (asked) await access.lastWord((session) => killStep(session, step));
      throw error;
    }
  };
}

function resultOf(end: StepEnd, secrets: readonly string[]): Omit<StepResult, 'bytes'> {
  if (end.ended === 'exit') return { exitCode: end.code };
  if (end.ended === 'no-code') return { saidInstead: fitToShow(end.said, secrets) };
  return { vanished: end.reason, kernelSays: remoteText(end.kernelSays, secrets) || undefined };
}

/** Of the step. What the run's output already has counts too. */
function outputLimit({ maxOutput, outputOffset }: StepInput): { limit?: number; limitText?: string } {
  if (maxOutput === undefined) return {};
  return { limit: Math.max(0, maxOutput * gib - outputOffset), limitText: `${maxOutput} GiB (limits.maxOutput)` };
}

/** It ends up in a message, and in the history of the run. */
function fitToShow(said: string, secrets: readonly string[]): string {
  const mask = new SecretMask(secrets);
  const masked = Buffer.concat([mask.push(Buffer.from(said)), mask.end()]).toString();
  const visible = masked.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return visible.length > mostShown ? `${visible.slice(0, mostShown)}…` : visible;
}

function scriptOf(
  { env, script, step, container, instance, tty }: StepInput,
  secrets: ReadonlyMap<string, string>,
): string {
  // A container has the GPUs of the run only, which it counts from 0.
  const gpus = container === undefined ? gpuVariables(instance) : [];
  const variables = [...Object.entries(env), ...secrets, ...gpus];
  const exports = variables.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  if (container === undefined) return [...exports, script].join('\n');
  if (step === 'container') return [...exports, preparation(instance, container)].join('\n');
  return insideContainer(instance, [...exports, script].join('\n'), tty);
}
