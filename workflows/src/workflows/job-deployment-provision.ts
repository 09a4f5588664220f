import type { InstanceEnd, JobDeploymentRequest } from '@gpu-clouds/jobs/contract';
import { condition } from '@temporalio/workflow';
import { deploying, teardown, waiting } from './activity-proxies.ts';
import { lastCreateAfter } from './create-details.ts';
import type { Owner, Provision } from './provision.ts';

/** Creates and destroys a job deployment, and submits its job once. The instance name is its name, so teardown needs no id. */
export class JobDeploymentProvision implements Provision {
  readonly #owner: Owner;
  readonly #deployment: JobDeploymentRequest;
  /** Milliseconds since the epoch. An unlisted one may still appear within the consistency window after this; undefined if none can. */
  #lastCreateAt: number | undefined;

  constructor(owner: Owner, deployment: JobDeploymentRequest) {
    this.#owner = owner;
    this.#deployment = deployment;
  }

  get mayHaveBilled(): boolean {
    return this.#lastCreateAt !== undefined;
  }

  async create(): Promise<void> {
    const { instanceName, offer, ttlSeconds } = this.#owner.request;
    const { vendor } = offer;
    this.#lastCreateAt = Date.now();
    const input = { vendor, instanceName, offer, ...this.#deployment, maxSeconds: ttlSeconds };
    try {
      await deploying(vendor, `Deploy ${input.container.image} on ${offer.gpu}`).createJobDeployment(input);
    } catch (error) {
      this.#lastCreateAt = lastCreateAfter(error);
      throw error;
    }
    this.#lastCreateAt = Date.now();
    this.#owner.ownership.change({ state: 'booting', instanceId: instanceName });
  }

  /**
   * Waits until jobs can be submitted, and submits the job. The owner does this, not the run: a run that is reset would submit it again.
   */
  async becomeReady(): Promise<void> {
    const { instanceName, offer } = this.#owner.request;
    const { vendor } = offer;
    const { path, payload = {} } = this.#deployment.container;
    const createdAt = this.#lastCreateAt ?? Date.now();
    const { endpoint } = await waiting(vendor).awaitJobDeployment({ vendor, instanceName, createdAt });
    const submitting = deploying(vendor, `Submit the job to ${instanceName}`);
    const { id } = await submitting.submitJob({ vendor, instanceName, endpoint, path, payload });
    this.#owner.ownership.change({ state: 'ready', submission: { endpoint, id, submittedAt: Date.now() } });
  }

  /** The run sees a lost job when it polls for the result, so nothing has to be watched here. */
  async untilLost(): Promise<InstanceEnd> {
    await condition(() => false);
    return { why: 'released' };
  }

  destroy(): Promise<string | undefined> {
    const { instanceName, offer } = this.#owner.request;
    return teardown(offer.vendor, `Destroy ${instanceName}`).destroyJobDeployment({
      vendor: offer.vendor,
      instanceName,
      lastCreateAt: this.#lastCreateAt,
    });
  }
}
