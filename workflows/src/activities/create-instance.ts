import type { Cloud } from '@gpu-clouds/clouds';
import { haveSameOwner, type Instance, type SshKey } from '@gpu-clouds/clouds/pure';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { activityInfo, sleep } from '@temporalio/activity';
import { findAdoptable, mayFollowCreate, mayHaveTakenEffect } from './adoption.ts';
import { isCalledOff } from './called-off.ts';
import type { Created, CreateInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { maxCreatePauseMs, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { refuseForeignNames, refuseOtherContracts } from './prepare-job.ts';

/**
 * Creates the instance, or adopts the one that has its instance name already. If an earlier attempt, or a create whose answer was lost, may have
 * created one, it polls the list until that has had time to show it. Only then does it destroy a leftover disk of the earlier attempt and create
 * another instance.
 */
export function createInstance(dependencies: Dependencies) {
  return async (input: CreateInput): Promise<Created> => {
    const creation = new Creation(dependencies, cloudOf(dependencies, input.vendor), input);
    return withHeartbeats(
      () => creation.run(),
      () => creation.progress,
    );
  };
}

class Creation {
  /** Heartbeat details: the attempt that certainly left no unknown instance. The next one then needs a single poll. */
  progress: { readonly clean: number } | undefined;
  readonly #dependencies: Dependencies;
  readonly #cloud: Cloud;
  readonly #input: CreateInput;
  #key: SshKey | undefined;
  #mayHaveTakenEffect = false;
  #mayHaveTwin = false;

  constructor(dependencies: Dependencies, cloud: Cloud, input: CreateInput) {
    this.#dependencies = dependencies;
    this.#cloud = cloud;
    this.#input = input;
  }

  async run(): Promise<Created> {
    try {
      const { attempt, heartbeatDetails } = activityInfo();
      this.#mayHaveTakenEffect = mayFollowCreate(attempt, heartbeatDetails?.clean);
      this.#mayHaveTwin = this.#mayHaveTakenEffect;
      const existing = this.#mayHaveTakenEffect ? await this.#pollUntilSettled() : await this.#poll();
      this.#mayHaveTakenEffect = false;
      if (existing !== undefined) return this.#created(existing.id);
      if (await isCalledOff()) return this.#created();
      refuseOtherContracts(this.#input.contract);
      refuseForeignNames(this.#dependencies, this.#input.instanceName);
      if (attempt > 1) await this.#destroyLeftoverVolumes();
      return await this.#create();
    } catch (error) {
      if (!this.#mayHaveTakenEffect) this.#declareClean();
      throw toFailure(error, {
        maxPauseMs: maxCreatePauseMs,
        details: { mayHaveTakenEffect: this.#mayHaveTakenEffect, ...this.#keyId() },
      });
    }
  }

  async #create(): Promise<Created> {
    const { offer, instanceName, image, storage, maxLifeSeconds } = this.#input;
    const { publicKey } = deriveSshKey(this.#dependencies.masterSecret, instanceName);
    const key = await this.#ensureKey(publicKey);
    const order = {
      offer,
      name: instanceName,
      publicKey,
      key,
      image,
      storage,
      maxLifeSeconds,
    };
    // Continues when the activity is cancelled: the outcome of a create that was sent must be known.
    try {
      const { id } = await this.#cloud.createInstance(order);
      this.#dependencies.accountOf(this.#cloud).watch.created(id);
      return this.#created(id);
    } catch (error) {
      this.#mayHaveTakenEffect = mayHaveTakenEffect(error);
      if (!this.#mayHaveTakenEffect) throw error;
      const made = await this.#pollUntilSettled();
      if (made !== undefined) return this.#created(made.id);
      this.#declareClean();
      throw error;
    }
  }

  async #ensureKey(publicKey: string): Promise<SshKey | undefined> {
    const { keys } = this.#cloud;
    if (keys === undefined) return undefined;
    const { instanceName } = this.#input;
    this.#key = (await keys.list()).find(({ name }) => haveSameOwner(name, instanceName));
    if (this.#key !== undefined) return this.#key;
    try {
      this.#key = await keys.create({ name: instanceName, publicKey });
    } catch (error) {
      this.#mayHaveTakenEffect = mayHaveTakenEffect(error);
      throw error;
    }
    return this.#key;
  }

  /**
   * Destroys the leftover disk of an earlier attempt whose instance is gone again, for example because the vendor took it back. The disk would bill
   * beside the new instance. What fails here is left to the teardown.
   */
  async #destroyLeftoverVolumes(): Promise<void> {
    const { volumes } = this.#cloud;
    if (volumes === undefined) return;
    const listed = await volumes.list().catch(() => []);
    const leftover = listed.filter(
      ({ name, instanceIds }) => instanceIds.length === 0 && haveSameOwner(name, this.#input.instanceName),
    );
    await Promise.allSettled(leftover.map(({ id }) => volumes.delete(id)));
  }

  async #poll(): Promise<Instance | undefined> {
    return findAdoptable(await this.#cloud.listInstances(), this.#input.instanceName);
  }

  async #pollUntilSettled(): Promise<Instance | undefined> {
    const { now, timing } = this.#dependencies;
    const until = now() + timing.consistencyWindowMs;
    for (;;) {
      // One failed poll among many is no reason to create again.
      const found = await this.#poll().catch(() => undefined);
      if (found !== undefined) return found;
      if (now() >= until) return this.#poll();
      await sleep(Math.min(timing.pollIntervalMs, Math.max(1, until - now())));
    }
  }

  #declareClean(): void {
    this.progress = { clean: activityInfo().attempt };
  }

  #created(instanceId?: string): Created {
    return {
      instanceId,
      ...this.#keyId(),
      ...(this.#mayHaveTwin ? { mayHaveTwin: true } : {}),
    };
  }

  #keyId(): { readonly keyId?: string } {
    return this.#key === undefined ? {} : { keyId: this.#key.id };
  }
}
