import { mustEndByMemo } from '@gpu-clouds/jobs/contract';
import { sleep, upsertMemo } from '@temporalio/workflow';
import { deploying, teardown, waiting } from './activity-proxies.ts';
import { createDetails } from './create-details.ts';
import type { JobDeploymentEnd, JobDeploymentRequest } from './job-deployment-api.ts';
import { Ownership } from './ownership.ts';

/** What one `deployment` workflow knows of its deployment. The instance name is its name: teardown works by it from the first line on. */
export class JobDeploymentLease {
  readonly #request: JobDeploymentRequest;
  readonly #ownership: Ownership;
  /** Until a while after this, what is not listed may still turn up; undefined while nothing can. */
  #lastCreateAt: number | undefined;

  constructor(request: JobDeploymentRequest) {
    this.#request = request;
    this.#ownership = new Ownership(request);
  }

  /** Runs the life of the deployment until it ends by itself, its owner releases it, or its time is over. Counted from here. */
  within(life: () => Promise<JobDeploymentEnd>): Promise<JobDeploymentEnd> {
    return this.#ownership.within(() => this.#untilCap(), life);
  }

  async create(): Promise<void> {
    const { instanceName, offer, container, env, secrets, ttlSeconds } = this.#request;
    // Whatever happens from here on, there may be a deployment: known before it is asked for.
    this.#lastCreateAt = Date.now();
    try {
      await deploying(offer.vendor, `Deploy ${container.image} on ${offer.gpu}`).createJobDeployment({
        vendor: offer.vendor,
        instanceName,
        offer,
        container,
        env,
        secrets,
        maxSeconds: ttlSeconds,
      });
    } catch (error) {
      this.#lastCreateAt = createDetails(error)?.mayHaveTakenEffect === false ? undefined : Date.now();
      throw error;
    }
    this.#lastCreateAt = Date.now();
    this.#ownership.change({ state: 'booting', instanceId: instanceName });
  }

  /** @returns where the job is submitted. */
  async becomeReady(): Promise<string> {
    const { instanceName, offer } = this.#request;
    const createdAt = this.#lastCreateAt ?? Date.now();
    const { endpoint } = await waiting(offer.vendor).awaitJobDeployment({
      vendor: offer.vendor,
      instanceName,
      createdAt,
    });
    return endpoint;
  }

  async submit(endpoint: string) {
    const { instanceName, offer, container } = this.#request;
    this.#ownership.change({ state: 'ready', begins: 'running' });
    const { id } = await deploying(offer.vendor, `Submit the job to ${instanceName}`).submitJob({
      vendor: offer.vendor,
      instanceName,
      endpoint,
      path: container.path,
      payload: container.payload ?? {},
    });
    return { endpoint, id, submittedAt: Date.now() };
  }

  async answered(job: {
    readonly endpoint: string;
    readonly id: string;
    readonly submittedAt: number;
  }): Promise<JobDeploymentEnd> {
    const { instanceName, offer, run, secrets } = this.#request;
    const answer = await waiting(offer.vendor).awaitAnswer({
      vendor: offer.vendor,
      instanceName,
      run,
      secrets,
      ...job,
    });
    return { why: 'answered', ...answer };
  }

  async destroyUntilGone(): Promise<void> {
    const { instanceName, offer } = this.#request;
    this.#ownership.change({ state: 'destroying', begins: 'destroying' });
    const input = {
      vendor: offer.vendor,
      instanceName,
      ...(this.#lastCreateAt === undefined ? {} : { lastCreateAt: this.#lastCreateAt }),
    };
    await this.#ownership.teardown(() => teardown(offer.vendor, `Destroy ${instanceName}`).destroyJobDeployment(input));
  }

  /** The memo tells the reaper, which needs no worker of ours. */
  async #untilCap(): Promise<void> {
    const { ttlSeconds, maxDollars = Number.POSITIVE_INFINITY, offer } = this.#request;
    const milliseconds = Math.min(ttlSeconds, (maxDollars / offer.pricePerHour) * 3600) * 1000;
    upsertMemo({ [mustEndByMemo]: new Date(Date.now() + milliseconds).toISOString() });
    await sleep(milliseconds);
  }
}
