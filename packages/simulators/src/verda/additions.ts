import type { Addition } from '../addition.ts';

const goSdk = 'verda-cloud/verdacloud-sdk-go@ca1aa5c';
const pythonSdk = 'verda-cloud/sdk-python@164e09a';

/** Operations of the vendor's SDKs that its document does not have. The names are ours. */
export const verdaAdditions = [
  { id: 'getInstanceType', method: 'GET', path: '/v1/instance-types/{instance_type}', source: goSdk },
  { id: 'addInstanceTag', method: 'POST', path: '/v1/instances/{id}/tags', hasBody: true, source: goSdk },
  { id: 'deleteInstanceTag', method: 'DELETE', path: '/v1/instances/{id}/tags/{key}', source: goSdk },
  { id: 'addVolumeTag', method: 'POST', path: '/v1/volumes/{id}/tags', hasBody: true, source: goSdk },
  { id: 'deleteVolumeTag', method: 'DELETE', path: '/v1/volumes/{id}/tags/{key}', source: goSdk },
  { id: 'addClusterTag', method: 'POST', path: '/v1/clusters/{id}/tags', hasBody: true, source: goSdk },
  { id: 'deleteClusterTag', method: 'DELETE', path: '/v1/clusters/{id}/tags/{key}', source: goSdk },
  // The inference host, to which jobs are submitted. It has its own key.
  { id: 'getJobStatus', method: 'GET', path: '/status/{deployment}', source: pythonSdk },
  { id: 'getJobResult', method: 'GET', path: '/result/{deployment}', source: pythonSdk },
  { id: 'submitJob', method: 'ALL', path: '/{deployment}/*', source: pythonSdk },
] as const satisfies readonly Addition[];

/** Returns whether an operation belongs to the inference host. */
export function isInference(operation: string): boolean {
  return ['getJobStatus', 'getJobResult', 'submitJob'].includes(operation);
}
