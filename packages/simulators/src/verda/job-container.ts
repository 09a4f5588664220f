import type { Answer } from '../answer.ts';
import type { Clock } from '../clock.ts';

/** A request to the container of a job. */
export interface ExampleCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Returns the response of a job's container and the seconds until it. Every container is the vendor's example,
 * verda-cloud/batch-jobs-example@6748f2b: `POST /job` takes `duration` seconds (default: 5) and fails with `failed=true`.
 */
export function answerOfExample(
  { method, path, query }: ExampleCall,
  clock: Clock,
): { readonly seconds: number; readonly answer: Answer } {
  if (path !== '/job') return { seconds: 0, answer: { status: 404, json: { detail: 'Not Found' } } };
  if (method !== 'POST') return { seconds: 0, answer: { status: 405, json: { detail: 'Method Not Allowed' } } };
  const seconds = Number(query.get('duration') ?? 5);
  if (['true', '1'].includes(query.get('failed') ?? 'false')) {
    return { seconds, answer: { status: 500, json: { detail: 'Job failed as requested via failed parameter' } } };
  }
  const timestamp = new Date(clock.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const message = 'Job completed successfully';
  return { seconds, answer: { status: 200, json: { success: true, message, executionTime: seconds, timestamp } } };
}
