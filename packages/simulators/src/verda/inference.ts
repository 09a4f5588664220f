import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import type { Job, JobDeployments } from './jobs.ts';

/**
 * Creates the handlers of the inference host, as verda-cloud/sdk-python@164e09a calls it. Container deployments are not
 * served.
 */
export function inferenceHandlers(jobs: JobDeployments): Handlers<OperationIds['verda']> {
  const jobOf = ({ id, headers }: Call): Job => {
    const job = jobs.found(id).jobs.get(headers.get('x-inference-id') ?? '');
    if (job === undefined) throw errorResponse('not_found', 'Inference not found');
    return job;
  };
  return {
    getJobStatus: (call) => {
      const { id, status } = jobOf(call);
      return ok({ Id: id, Status: status });
    },
    // Without a charset: verda-cloud/sdk-python@164e09a parses exactly this media type.
    getJobResult: (call) => ({
      ...(jobOf(call).answer ?? errorAnswer('not_found', 'There is no result yet')),
      media: 'application/json',
    }),
    submitJob: ({ id: name, method, path, query }) => {
      const { id } = jobs.submit(jobs.found(name), { method, path: path.slice(name.length + 1), query });
      const paths = { StatusPath: `/status/${name}`, ResultPath: `/result/${name}` };
      return { ...ok({ Id: id, ...paths }, 202), headers: { 'x-inference-id': id } };
    },
  };
}
