import type { Offer } from '@gpu-clouds/clouds/pure';
import type { InstanceEnd, JobContainer } from '@gpu-clouds/jobs/contract';

/** Input of the `deployment` workflow, whose id has to be the instance name. Like an `instance`, it tells its parent of each change. */
export interface JobDeploymentRequest {
  /** `formatInstanceName(…)`: the deployment's name with Verda, which tells who owns it. Used once only. */
  readonly instanceName: string;
  /** Id of the run that the deployment belongs to, and whose output the answer becomes. Only this run may release it. */
  readonly run: string;
  /** Of `JobDeployments.listOffers`. */
  readonly offer: Offer;
  /** The image, and what is posted to it once it is healthy. */
  readonly container: JobContainer;
  /** Variables of the container, kept in the history; those of `secrets` are added by the worker. */
  readonly env: Readonly<Record<string, string>>;
  /** Names only. */
  readonly secrets: readonly string[];
  /** From the create call on; then the deployment is deleted whatever it does. */
  readonly ttlSeconds: number;
  /** US dollars, at the offer's price from the create call on, as if a container ran all the while. */
  readonly maxDollars?: number | undefined;
  /** The namespace has our search attributes. */
  readonly searchable?: boolean | undefined;
}

/** Why the deployment came to its end. By the time anybody reads this it is gone. `outputs`: files, relative to the run's outputs. */
export type JobDeploymentEnd =
  | { readonly why: 'answered'; readonly succeeded: boolean; readonly outputs: readonly string[] }
  | InstanceEnd;
