import type { Addition } from '../addition.ts';

const pythonSdk = 'verda-cloud/sdk-python@164e09a';

/** The inference host, to which jobs are submitted. It has its own key, and is not part of the vendor's document. The names are ours. */
export const additions = [
  { id: 'getJobStatus', method: 'GET', path: '/status/{deployment}', source: pythonSdk },
  { id: 'getJobResult', method: 'GET', path: '/result/{deployment}', source: pythonSdk },
  { id: 'submitJob', method: 'ALL', path: '/{deployment}/*', source: pythonSdk },
] as const satisfies readonly Addition[];

/** Returns whether an operation belongs to the inference host. */
export function isInference(operation: string): boolean {
  return ['getJobStatus', 'getJobResult', 'submitJob'].includes(operation);
}
