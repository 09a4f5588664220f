import { Context, cancellationDetails, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { deriveSshKey } from '../ssh/derive-key.ts';
import { followStep, killStep, type RemoteStep, type StepEnd, startStep } from '../ssh/remote-step.ts';
import { SecretMask } from '../ssh/secret-mask.ts';
import { quoteForShell } from '../ssh/shell.ts';
import { openSession, SshError, type SshSession } from '../ssh/ssh-session.ts';
import { download, MissingFileError, upload } from '../ssh/transfer.ts';
import { neverReady } from './await-instance.ts';
import type { Collected, Machine, SshProbeInput, StepInput, StepResult, TransferInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';

/** Waits until the machine lets us in over SSH. @returns The host key it showed, to be pinned. */
export function awaitSsh({ masterSecret, timing, now }: Dependencies) {
  return async ({ label, ssh, createdAt }: SshProbeInput): Promise<{ readonly hostKey: string }> =>
    withHeartbeats(async () => {
      const { privateKey } = deriveSshKey(masterSecret, label);
      for (;;) {
        try {
          const session = await openSession({ address: ssh, privateKey }, cancellationSignal());
          session.close();
          return { hostKey: session.hostKey };
        } catch (error) {
          if (cancellationSignal().aborted) await Context.current().cancelled;
          const message = error instanceof Error ? error.message : String(error);
          if (now() - createdAt > timing.boot) throw neverReady({ label }, timing.boot, message);
        }
        await sleep(timing.poll);
      }
    });
}

/** Copies files of the worker to the machine. */
export function uploadFiles(dependencies: Dependencies) {
  return async ({ machine, files }: TransferInput): Promise<void> =>
    withHeartbeats(() =>
      onMachine(dependencies, machine, async (session) => {
        for (const { from, to } of files) await upload(session, from, to);
      }),
    );
}

/** Copies files of the machine into the run's outputs folder. */
export function collectFiles(dependencies: Dependencies) {
  return async ({ run, machine, files }: TransferInput): Promise<Collected> =>
    withHeartbeats(() =>
      onMachine(dependencies, machine, async (session) => {
        const outputs: string[] = [];
        const missing: string[] = [];
        for (const { from, to } of files) {
          try {
            outputs.push(await download(session, from, dependencies.runs.outputsFolder(run), to));
          } catch (error) {
            if (!(error instanceof MissingFileError)) throw error;
            missing.push(from);
          }
        }
        return { outputs, missing };
      }),
    );
}

/** How much output a run has stored: where the next machine's begins. */
export function outputSize({ runs }: Dependencies) {
  return async (run: string): Promise<number> => runs.outputSize(run);
}

/** What one attempt leaves to the next: bytes of the step's output that are safely stored. */
interface Followed {
  readonly offset: number;
}

/**
 * Starts a script on the machine unless it was started before, and follows it to its end. A worker that dies or is replaced costs
 * nothing: the script goes on, and the next attempt follows from where this one had stored. It is killed only when somebody asked for
 * that, never because a worker goes.
 */
export function runStep(dependencies: Dependencies) {
  return async (input: StepInput): Promise<StepResult> => {
    const step: RemoteStep = { label: input.machine.label, name: input.step };
    const output = await StoredOutput.resume(dependencies, input, Context.current().info.heartbeatDetails);
    return withHeartbeats(
      async () => {
        try {
          const end = await onMachine(dependencies, input.machine, async (session): Promise<StepEnd> => {
            await startStep(session, step, scriptOf(dependencies, input));
            return followStep(session, step, output.offset, (bytes) => output.append(bytes));
          });
          await output.end();
          return { bytes: output.offset, ...(end.ended === 'exit' ? { exitCode: end.code } : {}) };
        } catch (error) {
          if (error instanceof CancelledFailure && cancellationDetails()?.cancelRequested)
            await kill(dependencies, input, step);
          throw error;
        }
      },
      (): Followed => ({ offset: output.offset }),
    );
  };
}

async function kill({ masterSecret }: Dependencies, { machine }: StepInput, step: RemoteStep): Promise<void> {
  // Best effort and bounded: the machine is destroyed next, with all that runs on it.
  const { privateKey } = deriveSshKey(masterSecret, machine.label);
  const target = { address: machine.ssh, hostKey: machine.hostKey, privateKey };
  try {
    const session = await openSession(target, AbortSignal.timeout(10_000));
    await killStep(session, step);
    session.close();
  } catch {
    return;
  }
}

function scriptOf({ secrets }: Dependencies, input: StepInput): string {
  const values = Object.entries(input.env).concat(input.secrets.map((name) => [name, secretOf(secrets, name)]));
  const exports = values.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  return [...exports, input.script].join('\n');
}

function secretOf(secrets: Dependencies['secrets'], name: string): string {
  const value = secrets(name);
  if (value === undefined) throw finalFailure('invalid', `The worker no longer has the secret ${name}.`);
  return value;
}

/** The step's part of the run's output, with secrets masked. */
class StoredOutput {
  /** Bytes of the step that are stored. */
  offset: number;
  readonly #store: (offset: number, bytes: Uint8Array) => Promise<void>;
  readonly #mask: SecretMask;

  private constructor(
    offset: number,
    store: (offset: number, bytes: Uint8Array) => Promise<void>,
    secrets: readonly string[],
  ) {
    this.offset = offset;
    this.#store = store;
    this.#mask = new SecretMask(secrets);
  }

  static async resume(
    { runs, secrets }: Dependencies,
    input: StepInput,
    last: Followed | undefined,
  ): Promise<StoredOutput> {
    // This worker may keep another disk than the one that died: never skip what is not here.
    const stored = Math.max(0, (await runs.outputSize(input.run)) - input.outputOffset);
    return new StoredOutput(
      Math.min(last?.offset ?? 0, stored),
      (offset, bytes) => runs.writeOutput(input.run, input.outputOffset + offset, bytes),
      input.secrets.map((name) => secretOf(secrets, name)),
    );
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#write(this.#mask.push(bytes));
  }

  async end(): Promise<void> {
    await this.#write(this.#mask.end());
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength === 0) return;
    await this.#store(this.offset, bytes);
    this.offset += bytes.byteLength;
    heartbeat({ offset: this.offset } satisfies Followed);
  }
}

async function onMachine<T>(
  { masterSecret }: Dependencies,
  machine: Machine,
  work: (session: SshSession) => Promise<T>,
): Promise<T> {
  const { privateKey } = deriveSshKey(masterSecret, machine.label);
  try {
    const target = { address: machine.ssh, hostKey: machine.hostKey, privateKey };
    const session = await openSession(target, cancellationSignal());
    try {
      return await work(session);
    } finally {
      session.close();
    }
  } catch (error) {
    // The signal breaks the connection: what went wrong is then that we were told to stop.
    if (cancellationSignal().aborted) await Context.current().cancelled;
    if (error instanceof SshError && error.wrongHost) throw finalFailure('wrong-host-key', error.message);
    throw toFailure(error);
  }
}
