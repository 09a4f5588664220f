import type { Cloud } from '@gpu-clouds/clouds';
import type { Instance } from '@gpu-clouds/clouds/pure';
import { log, sleep } from '@temporalio/activity';
import type { DestroyInput } from './contract.ts';
import { cloudOf, type Dependencies } from './dependencies.ts';
import { toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';

const firstPauseMs = 500;

/**
 * Destroys the machine, its key and its volumes, by id and by label, until the vendor shows none of them. Never gives up: whatever goes
 * wrong is tried again, and what an uncertain create may still bring to light is waited for.
 */
export function destroyInstance(dependencies: Dependencies) {
  return async (input: DestroyInput): Promise<void> => {
    const teardown = new Teardown(dependencies, cloudOf(dependencies, input.vendor), input);
    await withHeartbeats(async () => {
      // Most machines go in a second or two; those that do not are asked about less and less often.
      for (let pause = firstPauseMs; !(await teardown.sweep()); pause *= 2) {
        await sleep(Math.min(pause, dependencies.timing.poll));
      }
    });
  };
}

class Teardown {
  readonly #dependencies: Dependencies;
  readonly #cloud: Cloud;
  readonly #input: DestroyInput;
  /** Volumes that came with an instance: some vendors keep them when it goes. */
  readonly #volumes: Set<string>;
  readonly #seen = new Set<string>();

  constructor(dependencies: Dependencies, cloud: Cloud, input: DestroyInput) {
    this.#dependencies = dependencies;
    this.#cloud = cloud;
    this.#input = input;
    this.#volumes = new Set(input.volumeIds);
  }

  /** One round; true when nothing is left and nothing can turn up any more. */
  async sweep(): Promise<boolean> {
    const parts = [() => this.#sweepInstances(), () => this.#sweepVolumes(), () => this.#sweepKeys()];
    let left = 0;
    let failure: unknown;
    for (const part of parts) {
      try {
        left += await part();
      } catch (error) {
        // What cannot be done to the keys must not keep the machine alive: go on, and complain afterwards.
        failure ??= error;
      }
    }
    if (failure !== undefined) throw toFailure(failure, { alwaysRetry: true });
    return left === 0 && this.#nothingCanTurnUp();
  }

  async #sweepInstances(): Promise<number> {
    const { label, instanceId } = this.#input;
    const listed = (await this.#cloud.listInstances()).filter((found) => found.label === label);
    const known = await this.#known(instanceId, listed);
    const alive = [...listed, ...known].filter(({ status }) => status !== 'gone');
    for (const instance of alive) {
      this.#seen.add(instance.id);
      for (const volume of instance.volumeIds) this.#volumes.add(volume);
      if (instance.status !== 'deleting') await this.#delete(instance);
    }
    // Not shown, which may be the vendor's lag: asked to go all the same.
    if (instanceId !== undefined && !this.#seen.has(instanceId)) await this.#cloud.deleteInstance(instanceId);
    return alive.length;
  }

  async #known(id: string | undefined, listed: readonly Instance[]): Promise<readonly Instance[]> {
    if (id === undefined || listed.some((found) => found.id === id)) return [];
    const found = await this.#cloud.getInstance(id);
    return found === undefined ? [] : [found];
  }

  async #delete(instance: Instance): Promise<void> {
    try {
      await this.#cloud.deleteInstance(instance.id);
    } catch (error) {
      const failure = toFailure(error, { alwaysRetry: true });
      // Verda refuses while a machine is provisioning: the next round asks again.
      if (!('type' in failure) || failure.type !== 'conflict') throw failure;
      log.debug('The cloud refuses to destroy the machine for now', {
        label: instance.label,
        status: instance.vendorStatus,
      });
    }
  }

  async #sweepVolumes(): Promise<number> {
    const { volumes } = this.#cloud;
    if (volumes === undefined) return 0;
    const ours = (await volumes.list()).filter(({ id, label }) => label === this.#input.label || this.#volumes.has(id));
    for (const { id, instanceIds } of ours) {
      if (instanceIds.length === 0) await volumes.delete(id);
    }
    return ours.length;
  }

  async #sweepKeys(): Promise<number> {
    const { keys } = this.#cloud;
    if (keys === undefined) return 0;
    const { label, keyId } = this.#input;
    const ours = (await keys.list()).filter((key) => key.label === label || key.id === keyId);
    for (const { id } of ours) await keys.delete(id);
    if (keyId !== undefined && !ours.some(({ id }) => id === keyId)) await keys.delete(keyId);
    return ours.length;
  }

  #nothingCanTurnUp(): boolean {
    const { instanceId, lastCreateAt } = this.#input;
    const { now, timing } = this.#dependencies;
    if (lastCreateAt === undefined) return true;
    if (instanceId !== undefined && this.#seen.has(instanceId)) return true;
    return now() >= lastCreateAt + timing.settle;
  }
}
