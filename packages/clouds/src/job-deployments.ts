import type { CallOptions, Deletion, Offer } from './cloud.ts';

/** What a job deployment is asked for. */
export interface JobDeploymentOrder {
  /** One of {@link JobDeployments.listOffers}. */
  readonly offer: Offer;
  /** Its name with the vendor, which no two can have. See `instanceLabel`. */
  readonly label: string;
  /** With a tag of its own: `latest` is refused. */
  readonly image: string;
  /** Where the container listens. */
  readonly port: number;
  /** Path that answers 200 once the container can take its job. */
  readonly health: string;
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  /** In place of the image's command: arguments of the entrypoint. */
  readonly args?: readonly string[];
  /** Values of secrets among them: they go to the vendor, and are gone with the deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of credentials for a private image that the account has already. */
  readonly registryCredentials?: string;
  /** After so many seconds the vendor ends the container, whatever it does. Rounded to what the vendor takes. */
  readonly deadlineSeconds: number;
}

/** A deployment as the vendor shows it. */
export interface JobDeployment {
  /** Its name; ownership is told by it. */
  readonly label: string;
  /** Whether it takes jobs. */
  readonly status: 'preparing' | 'ready' | 'deleting';
  /** The vendor's own word for the status. */
  readonly vendorStatus: string;
  /** Where jobs are submitted. */
  readonly endpoint: string;
}

/** One job that was submitted. */
export interface SubmittedJob {
  /** {@link JobDeployment.endpoint} */
  readonly endpoint: string;
  /** As the answer to the submission named it. */
  readonly id: string;
}

/** What came of a job. */
export interface JobAnswer {
  /** The container answered with a 2xx status. */
  readonly succeeded: boolean;
  /** HTTP status of the container's answer; 404 when it ended without one. */
  readonly status: number;
  /** The container's answer. */
  readonly body: string;
}

/**
 * Containers that a vendor starts for one job each, and ends with it. Every method throws `CloudError` and nothing else. All are
 * safe to call again, except `submit`: after one that failed with `mayHaveTakenEffect` nobody can tell whether the job runs. A second
 * `create` under a label is refused with `conflict`.
 */
export interface JobDeployments {
  /** Rentable kinds of container. @throws CloudError `unauthorized` where the credentials to submit jobs are missing. */
  listOffers(options?: CallOptions): Promise<readonly Offer[]>;
  /** Makes a deployment. Nothing runs in it until a job is submitted. */
  create(order: JobDeploymentOrder, options?: CallOptions): Promise<void>;
  /** Undefined when the vendor does not know it. */
  get(label: string, options?: CallOptions): Promise<JobDeployment | undefined>;
  /** Labels of all deployments of the account, those that are being deleted included. May lag behind a create. */
  list(options?: CallOptions): Promise<readonly string[]>;
  /** Asks for the deployment to go, and what runs in it with it. Never throws `not-found`: see {@link Deletion.accepted}. */
  delete(label: string, options?: CallOptions): Promise<Deletion>;
  /**
   * Sends the job, which runs and is answered some day.
   * @param path Path and query of the container's that takes the job.
   * @param payload JSON.
   */
  submit(
    endpoint: string,
    job: { readonly path: string; readonly payload: unknown },
    options?: CallOptions,
  ): Promise<{ readonly id: string }>;
  /** `failed`: the vendor says that there will be no answer. */
  look(job: SubmittedJob, options?: CallOptions): Promise<'waiting' | 'completed' | 'failed'>;
  /** Of a `completed` job. */
  answer(job: SubmittedJob, options?: CallOptions): Promise<JobAnswer>;
}
