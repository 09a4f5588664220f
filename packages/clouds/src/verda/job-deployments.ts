import { ApiError, type ClientOptions } from '@gpu-clouds/core';
import type { components, VerdaClient } from '@gpu-clouds/verda';
import type { JobDeployment, JobDeploymentOrder, JobDeployments, JobResult, SubmittedJob } from '../cloud.ts';
import { CloudError } from '../cloud-error.ts';
import { type Attempt, deletion, without } from '../failure-rules.ts';
import { rowsOf } from '../readable-rows.ts';
import { type InferenceGateway, inferenceGateway, keepsTheAnswer } from './inference-gateway.ts';
import { verdaJobOffers } from './job-offers.ts';

export interface VerdaJobsOptions extends Pick<ClientOptions, 'fetch' | 'clock'> {
  /** The account's key for the host that takes jobs; the API neither makes nor shows it. */
  readonly inferenceKey?: string | undefined;
}

/** Seconds that the vendor takes as a deadline: published document, CreateScaledJobScalingOptionsDto. */
const deadline = { least: 600, most: 604_800 };

const statusOf: Readonly<Record<string, JobDeployment['status']>> = {
  ready: 'ready',
  running: 'ready',
  terminating: 'deleting',
};

/** Of the container's answer; others come from the host in front of it, and another try may do. */
const notTheContainers: ReadonlySet<number> = new Set([401, 403, 408, 429, 502, 503, 504]);

export function verdaJobs(client: VerdaClient, attempt: Attempt, options: VerdaJobsOptions): JobDeployments {
  const gateway = (endpoint: string, path?: string): InferenceGateway => {
    const { inferenceKey, ...rest } = options;
    if (inferenceKey === undefined) throw noKey();
    return inferenceGateway({ ...rest, inferenceKey, endpoint, path });
  };
  const ofJob = ({ id }: SubmittedJob) => ({ header: { 'X-Inference-Id': id } });

  return {
    listOffers: (call) =>
      attempt('listServerlessComputeResources', async () => {
        if (options.inferenceKey === undefined) throw noKey();
        const [resources, types] = await Promise.all([
          client.listServerlessComputeResources({}, call),
          client.listContainerTypes({ query: { currency: 'usd' } }, call),
        ]);
        return verdaJobOffers(resources, types);
      }),

    create: (order, call) =>
      attempt(
        'createJobDeployment',
        async () => void (await client.createJobDeployment({ body: bodyOf(order) }, call)),
      ),

    get: (name, call) =>
      without('not-found', () =>
        attempt('getJobDeployment', async () => {
          const path = { jobName: name };
          const { name: shown, endpoint_base_url: endpoint } = await client.getJobDeployment({ path }, call);
          // An error with a good status is no job deployment, and does not mean that there is none.
          if (shown !== name && (shown !== undefined || typeof endpoint !== 'string'))
            throw new Error('it does not show the job deployment');
          const { status } = await client.getJobDeploymentStatus({ path }, call);
          return { name, status: statusOf[status] ?? 'preparing', vendorStatus: status ?? 'unknown', endpoint };
        }),
      ),

    list: (call) =>
      attempt('listJobDeployments', async () =>
        // An odd row must not hide those that bill.
        rowsOf(await client.listJobDeployments({}, call)).flatMap(({ name }) =>
          typeof name === 'string' ? [name] : [],
        ),
      ),

    delete: (name, call) =>
      deletion(() =>
        // Left alone, the call waits up to a minute for the end, which is for the list to show.
        attempt('deleteJobDeployment', () =>
          client.deleteJobDeployment({ path: { jobName: name }, query: { timeout: 0 } }, call),
        ),
      ),

    submit: (endpoint, { path, payload }, call) =>
      attempt('submitJob', async () => {
        const answer = await gateway(endpoint, path).submitJob({ body: payload }, { ...call, headers: keepsTheAnswer });
        return { id: textIn(answer, 'Id') };
      }),

    poll: (job, call) =>
      attempt('getJobStatus', async () => {
        const status = textIn(await gateway(job.endpoint).getJobStatus(ofJob(job), call), 'Status');
        if (status === 'Completed') return 'completed';
        // The vendor's SDK knows Initialized, Queue, Inference and Completed. A word for the end of a job may come to be.
        return /fail|error|cancel|expire|timeout|drop/i.test(status) ? 'failed' : 'waiting';
      }),

    result: (job, call) =>
      attempt('getJobResult', async (): Promise<JobResult> => {
        try {
          const { data, response } = await gateway(job.endpoint).getJobResult(ofJob(job), call).withResponse();
          return { succeeded: true, status: response.status, body: data };
        } catch (error) {
          const answer = containersAnswer(error);
          if (answer === undefined) throw error;
          return answer;
        }
      }),
  };
}

function bodyOf(order: JobDeploymentOrder): components['schemas']['CreateScaledJobDto'] {
  const { offer, name, image, port, health, entrypoint, args, env, registryCredentials, deadlineSeconds } = order;
  const overrides = { ...(entrypoint && { entrypoint: [...entrypoint] }), ...(args && { cmd: [...args] }) };
  const seconds = Math.min(Math.max(Math.ceil(deadlineSeconds), deadline.least), deadline.most);
  return {
    name,
    ...(registryCredentials !== undefined && {
      container_registry_settings: { credentials: { name: registryCredentials } },
    }),
    containers: [
      {
        image,
        exposed_port: port,
        healthcheck: { enabled: true, port, path: health },
        ...(Object.keys(overrides).length > 0 && { entrypoint_overrides: { enabled: true, ...overrides } }),
        env: Object.entries(env).map(([name, value]) => ({
          name,
          value_or_reference_to_secret: value,
          type: 'plain' as const,
        })),
      },
    ],
    compute: { name: String(order.offer.native.compute), size: offer.gpuCount },
    // One job, hence one replica: a second one could only be a job that nobody asked for.
    scaling: { max_replica_count: 1, queue_message_ttl_seconds: seconds, deadline_seconds: seconds },
  };
}

/** An error that is the container's own answer, as that answer. */
function containersAnswer(error: unknown): JobResult | undefined {
  if (!ApiError.isInstance(error) || error.status === undefined || notTheContainers.has(error.status)) return undefined;
  const { status, body } = error;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  // A web page with a good status is an answer as well: only the client takes it for none.
  return { succeeded: status < 300, status, body: text };
}

function textIn(answer: unknown, name: string): string {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`no ${name}`);
}

function noKey(): CloudError {
  return new CloudError(
    'verda: no key to submit jobs with. Make an inference key in the console of Verda and set VERDA_INFERENCE_KEY in the environment.',
    { kind: 'unauthorized', vendor: 'verda', operation: 'submitJob', mayHaveTakenEffect: false },
  );
}
