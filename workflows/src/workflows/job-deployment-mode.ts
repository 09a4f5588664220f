import type { Offer, OfferConstraints, Vendor } from '@gpu-clouds/clouds/pure';
import type { DeploymentJob } from '@gpu-clouds/jobs/contract';
import { awaitedOffers, offers, waiting } from './activity-proxies.ts';
import type { JobMode } from './job-mode.ts';
import type { JobRun } from './job-run.ts';
import type { RentedNodes } from './rented-nodes.ts';
import type { Done } from './run-outcome.ts';

/** Has a job done by the container of a job deployment. */
export class JobDeploymentMode implements JobMode {
  readonly request;
  readonly #run: JobRun<DeploymentJob>;

  constructor(run: JobRun<DeploymentJob>) {
    this.#run = run;
    const { container, env, secrets } = run.order.job;
    this.request = { deployment: { container, env, secrets } };
  }

  findOffers(vendor: Vendor, constraints: OfferConstraints): Promise<readonly Offer[]> {
    return offers(vendor).findJobOffers({ vendor, constraints });
  }

  awaitOffer(vendor: Vendor, constraints: OfferConstraints, timeoutMs: number): Promise<unknown> {
    return awaitedOffers(vendor, timeoutMs).findJobOffers({ vendor, constraints, wait: true });
  }

  async work(rented: RentedNodes): Promise<Done> {
    const { id, job } = this.#run.order;
    const { vendor } = rented.offer;
    const accepted = await rented.ready(
      ({ instanceName, submission }) => submission && { instanceName, ...submission },
    );
    this.#run.enter('running');
    const [result] = await Promise.all(
      accepted.map((each) => waiting(vendor).awaitAnswer({ vendor, run: id, secrets: job.secrets, ...each })),
    );
    // The exit code of a container is unknown. Its answer says whether it did the job.
    const exitCode = result?.succeeded ? 0 : 1;
    this.#run.commandEnded(exitCode);
    return { exitCode, exitCodes: [exitCode], outputs: result?.outputs ?? [], stopped: false };
  }
}
