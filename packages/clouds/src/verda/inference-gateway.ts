import { type ApiPromise, bearerAuth, type CallOptions, type ClientOptions, createClient } from '@gpu-clouds/core';
import { CloudError } from '../cloud-error.ts';

/** Where and how one deployment takes jobs. */
export interface GatewayOptions extends Pick<ClientOptions, 'fetch' | 'clock'> {
  readonly inferenceKey: string;
  /** `endpoint_base_url` of the deployment: `https://containers.datacrunch.io/<deployment>`. */
  readonly endpoint: string;
  /** Path and query of the container's that take the job. */
  readonly path?: string | undefined;
}

interface ForOneJob {
  readonly header: { readonly 'X-Inference-Id': string };
}

/** What the published document leaves out: the host that takes jobs, which has its own key and its own words. */
export interface InferenceGateway {
  /** Answers `{ Id, StatusPath, ResultPath }`. */
  submitJob(args: { readonly body: unknown }, options?: CallOptions): ApiPromise<unknown>;
  /** Answers `{ Status }`. */
  getJobStatus(args: ForOneJob, options?: CallOptions): ApiPromise<unknown>;
  /** The container's own answer, as text. */
  getJobResult(args: ForOneJob, options?: CallOptions): ApiPromise<string>;
}

/** Headers of a submission whose answer is kept for later: https://docs.verda.com/containers/synchronous-and-asynchronous-inference */
export const keepsTheAnswer = { Prefer: 'respond-async' };

/**
 * Paths, headers and answers as in verda-cloud/sdk-python@164e09a, `verda/inference_client/_inference_client.py`: status and result are
 * beside the deployment, under the host that it is under.
 * @throws ApiError `invalid-option`
 * @throws CloudError `invalid` for an endpoint elsewhere
 */
export function inferenceGateway({ inferenceKey, endpoint, path = '', ...client }: GatewayOptions): InferenceGateway {
  refuseOtherHosts(endpoint);
  const place = endpoint.replace(/\/+$/, '');
  const cut = place.lastIndexOf('/');
  const [base, deployment] = [place.slice(0, cut), place.slice(cut + 1)];
  const row = { security: ['bearer'] } as const;
  return createClient<InferenceGateway>({
    ...client,
    vendor: 'verda',
    baseUrl: base,
    auth: bearerAuth(inferenceKey),
    operations: {
      submitJob: {
        method: 'POST',
        path: `/${deployment}/${path.replace(/^\/+/, '')}`,
        ...row,
        body: 'application/json',
        repeatable: false,
      },
      getJobStatus: { method: 'GET', path: `/status/${deployment}`, ...row, repeatable: true },
      getJobResult: { method: 'GET', path: `/result/${deployment}`, ...row, repeatable: true },
    },
    quirks: { readers: { getJobResult: (text) => text } },
  });
}

/** The account's key for all job deployments goes there, so that the vendor's answer alone does not decide where that is. */
function refuseOtherHosts(endpoint: string): void {
  const { protocol, hostname } = URL.parse(endpoint) ?? {};
  const isVerdas = protocol === 'https:' && hostname === 'containers.datacrunch.io';
  const isLoopback = hostname !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (isVerdas || isLoopback) return;
  throw new CloudError(
    `verda: the job deployment has the endpoint ${endpoint}. The inference key is sent to https://containers.datacrunch.io only.`,
    { kind: 'invalid', vendor: 'verda', operation: 'submitJob', mayHaveTakenEffect: false },
  );
}
