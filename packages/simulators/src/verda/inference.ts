import type { Hono } from 'hono';
import { type Answer, ConnectionCut, ErrorResponse, toResponse } from '../answer.ts';
import type { FaultKind } from '../faults.ts';
import type { World } from '../world.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import type { Job, JobDeployments } from './jobs.ts';

/** Operations of the inference host, to which jobs are submitted. They are undocumented, so the names are ours. */
export const inferenceOperations = ['submitJob', 'getJobStatus', 'getJobResult'] as const;
const gatewayFaults = ['http-500', 'http-502', 'http-503'] as const;
type InferenceOperation = (typeof inferenceOperations)[number];

/**
 * Adds the inference host of job deployments, as verda-cloud/sdk-python@164e09a calls it.
 * Container deployments are not served.
 */
export function addInferenceHost(app: Hono, world: World, jobs: JobDeployments, inferenceKey: string): void {
  const serve = async (operation: InferenceOperation, request: Request, handle: () => Answer): Promise<Response> => {
    const fault = (kind: FaultKind) => world.faults.take('verda', operation, kind);
    const latency = fault('latency');
    if (latency !== undefined) await world.wait(latency.seconds ?? 1);
    if (fault('refuse') !== undefined) throw new ConnectionCut('refuse');
    const broken = gatewayFaults.find((kind) => fault(kind) !== undefined);
    if (broken !== undefined)
      return toResponse({ status: Number(broken.slice(-3)), text: 'upstream is not available' });
    const limited = fault('rate-limit');
    if (limited !== undefined) {
      return toResponse({ status: 429, text: 'slow down', headers: { 'retry-after': String(limited.seconds ?? 1) } });
    }
    const answer = answered(() => {
      if (request.headers.get('authorization') !== `Bearer ${inferenceKey}`)
        throw errorResponse('unauthorized_request', 'Invalid inference key');
      return handle();
    });
    if (fault('lost-response') !== undefined) throw new ConnectionCut('lost-response');
    return toResponse(answer);
  };

  const jobOf = (deployment: string, request: Request): Job => {
    const job = jobs.found(deployment).jobs.get(request.headers.get('x-inference-id') ?? '');
    if (job === undefined) throw errorResponse('not_found', 'Inference not found');
    return job;
  };

  app.get('/status/:deployment', ({ req }) =>
    serve('getJobStatus', req.raw, () => {
      const { id, status } = jobOf(req.param('deployment'), req.raw);
      return { status: 200, json: { Id: id, Status: status } };
    }),
  );
  app.get('/result/:deployment', ({ req }) =>
    serve('getJobResult', req.raw, () => jobOf(req.param('deployment'), req.raw).answer ?? notYet),
  );
  app.all('/:deployment/*', ({ req }) =>
    serve('submitJob', req.raw, () => {
      const name = req.param('deployment');
      const deployment = jobs.found(name);
      const { pathname, searchParams } = new URL(req.url);
      const path = pathname.slice(name.length + 1);
      const { id } = jobs.submit(deployment, { method: req.method, path, query: searchParams });
      const paths = { StatusPath: `/status/${name}`, ResultPath: `/result/${name}` };
      return { status: 202, json: { Id: id, ...paths }, headers: { 'x-inference-id': id } };
    }),
  );
}

const notYet = errorAnswer('not_found', 'There is no result yet');

function answered(handle: () => Answer): Answer {
  try {
    return handle();
  } catch (error) {
    if (error instanceof ErrorResponse) return error.answer;
    throw error;
  }
}
