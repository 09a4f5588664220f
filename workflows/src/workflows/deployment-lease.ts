import { mustEndByMemo } from '@gpu-clouds/jobs/contract';
import { sleep, upsertMemo } from '@temporalio/workflow';
import { deploying, teardown, waiting } from './activity-proxies.ts';
import { createDetails } from './create-details.ts';
import type { DeploymentEnd, DeploymentRequest } from './deployment-api.ts';
import { Ownership } from './ownership.ts';

/** What one `deployment` workflow knows of its deployment. The label is its name: teardown works by it from the first line on. */
export class DeploymentLease {
  readonly #request: DeploymentRequest;
  readonly #ownership: Ownership;
  /** Until a while after this, what is not listed may still turn up; undefined while nothing can. */
  #lastCreateAt: number | undefined;

  constructor(request: DeploymentRequest) {
    this.#request = request;
    this.#ownership = new Ownership(request);
  }

  /** Runs the life of the deployment until it ends by itself, its owner releases it, or its time is over. Counted from here. */
  within(life: () => Promise<DeploymentEnd>): Promise<DeploymentEnd> {
    return this.#ownership.within(() => this.#untilCap(), life);
  }

  async create(): Promise<void> {
    const { label, offer, container, env, secrets, maxSeconds } = this.#request;
    // Whatever happens from here on, there may be a deployment: known before it is asked for.
    this.#lastCreateAt = Date.now();
    try {
      await deploying(offer.vendor, `Deploy ${container.image} on ${offer.gpu}`).createDeployment({
        ...{ vendor: offer.vendor, label, offer, container, env, secrets, maxSeconds },
      });
    } catch (error) {
      this.#lastCreateAt = createDetails(error)?.mayHaveTakenEffect === false ? undefined : Date.now();
      throw error;
    }
    this.#lastCreateAt = Date.now();
    this.#ownership.change({ state: 'booting', instanceId: label });
  }

  /** @returns where the job is submitted. */
  async becomeReady(): Promise<string> {
    const { label, offer } = this.#request;
    const createdAt = this.#lastCreateAt ?? Date.now();
    const { endpoint } = await waiting(offer.vendor).awaitDeployment({ vendor: offer.vendor, label, createdAt });
    return endpoint;
  }

  async submit(endpoint: string) {
    const { label, offer, container } = this.#request;
    this.#ownership.change({ state: 'ready', begins: 'running' });
    const { id } = await deploying(offer.vendor, `Submit the job to ${label}`).submitJob({
      ...{ vendor: offer.vendor, label, endpoint, path: container.path, payload: container.payload ?? {} },
    });
    return { endpoint, id, submittedAt: Date.now() };
  }

  async answered(job: {
    readonly endpoint: string;
    readonly id: string;
    readonly submittedAt: number;
  }): Promise<DeploymentEnd> {
    const { label, offer, run, secrets } = this.#request;
    const answer = await waiting(offer.vendor).awaitAnswer({ vendor: offer.vendor, label, run, secrets, ...job });
    return { why: 'answered', ...answer };
  }

  async destroyUntilGone(): Promise<void> {
    const { label, offer } = this.#request;
    this.#ownership.change({ state: 'destroying', begins: 'destroying' });
    const input = {
      ...{ vendor: offer.vendor, label },
      ...(this.#lastCreateAt === undefined ? {} : { lastCreateAt: this.#lastCreateAt }),
    };
    await this.#ownership.teardown(() => teardown(offer.vendor, `Destroy ${label}`).destroyDeployment(input));
  }

  /** The memo tells the reaper, which needs no worker of ours. */
  async #untilCap(): Promise<void> {
    const { maxSeconds, maxDollars = Number.POSITIVE_INFINITY, offer } = this.#request;
    const milliseconds = Math.min(maxSeconds, (maxDollars / offer.pricePerHour) * 3600) * 1000;
    upsertMemo({ [mustEndByMemo]: new Date(Date.now() + milliseconds).toISOString() });
    await sleep(milliseconds);
  }
}
