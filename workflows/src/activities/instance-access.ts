import { deriveSshKey } from '@gpu-clouds/jobs';
import { Context, cancellationSignal } from '@temporalio/activity';
import { GpuError } from '../ssh/gpu-check.ts';
import { openSession, RemoteCommandError, SshError, type SshSession } from '../ssh/ssh-session.ts';
import type { OnInstance } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure, toFailure } from './failures.ts';
import { remoteText, valuesOf } from './remote-text.ts';

/** What an attempt leaves to the next about the way to the instance; part of the heartbeat details. */
export interface Reached {
  /** Milliseconds since the epoch. Absent when the instance answered last. */
  readonly unreachableSince?: number | undefined;
}

/** The way to one instance, over all attempts of one activity. */
export class InstanceAccess {
  readonly #dependencies: Dependencies;
  readonly #instance: OnInstance['instance'];
  readonly #secrets: readonly string[];
  #links: readonly string[] = [];
  #unreachableSince: number | undefined;
  #session: SshSession | undefined;

  constructor(dependencies: Dependencies, { instance, secrets }: OnInstance) {
    const last: Reached | undefined = Context.current().info.heartbeatDetails;
    this.#dependencies = dependencies;
    this.#instance = instance;
    this.#secrets = valuesOf(dependencies, secrets);
    this.#unreachableSince = last?.unreachableSince;
  }

  get reached(): Reached {
    return this.#session?.answered === true ? {} : { unreachableSince: this.#unreachableSince };
  }

  /** Masks what is secret of the links that the instance has now. */
  hideLinks(values: readonly string[]): void {
    this.#links = values;
  }

  /** What the instance had a part in saying, masked and cut. */
  say(message: string): string {
    return remoteText(message, [...this.#secrets, ...this.#links]);
  }

  /**
   * Does something over a connection of its own, which the activity's cancellation breaks.
   * A broken connection is worth another attempt, until the instance has been out of reach for too long; what the instance itself
   * refuses to do, or another instance in its place, is final. What the instance had a part in saying is masked and cut here.
   */
  async session<T>(work: (session: SshSession) => Promise<T>): Promise<T> {
    try {
      const session = await this.#open(cancellationSignal());
      this.#session = session;
      try {
        return await work(session);
      } finally {
        session.close();
      }
    } catch (error) {
      // The signal breaks the connection: what went wrong is then that we were told to stop.
      if (cancellationSignal().aborted) await Context.current().cancelled;
      throw this.#failure(error);
    }
  }

  /** Does something after the activity was cancelled, if it can be done in ten seconds. */
  async lastWord(work: (session: SshSession) => Promise<void>): Promise<void> {
    try {
      const session = await this.#open(AbortSignal.timeout(10_000));
      await work(session);
      session.close();
    } catch {
      // Best effort: the instance is destroyed next, with all that runs on it.
    }
  }

  #open(signal: AbortSignal): Promise<SshSession> {
    const { instanceName, ssh, hostKey, secretId } = this.#instance;
    const { privateKey } = deriveSshKey(this.#dependencies.masterSecret, instanceName, secretId);
    return openSession({ address: ssh, hostKey, privateKey }, signal);
  }

  #failure(error: unknown): Error {
    const say = (message: string) => this.say(message);
    if (error instanceof GpuError)
      return finalFailure('gpu-unhealthy', say(`${this.#instance.instanceName}: ${error.message}`));
    if (error instanceof RemoteCommandError) return finalFailure('instance-refused', say(error.message));
    if (!(error instanceof SshError)) return toFailure(error, { say });
    if (error.wrongHost) return finalFailure('wrong-host-key', say(error.message));
    const { now, timing } = this.#dependencies;
    const since = this.reached.unreachableSince ?? now();
    this.#unreachableSince = since;
    // It says no more about the next connection.
    this.#session = undefined;
    if (now() - since < timing.unreachableTimeoutMs) return toFailure(error, { say });
    const minutes = Math.round(timing.unreachableTimeoutMs / 60_000);
    return finalFailure(
      'unreachable',
      `${this.#instance.instanceName} has been out of reach for ${minutes} minutes. ${say(error.message)}`,
    );
  }
}
