export type {
  CallOptions,
  Cloud,
  Growth,
  Instance,
  InstanceOrder,
  InstanceStatus,
  Offer,
  SshAddress,
  SshKey,
  Vendor,
  Volume,
} from './cloud.ts';
export { vendors } from './cloud.ts';
export { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
export {
  type Clouds,
  type CreateCloudOptions,
  type CreateCloudsOptions,
  createCloud,
  createClouds,
  type MissingCloud,
} from './create-clouds.ts';
export { credentialVariables } from './credentials.ts';
export { type GpuAiCloudOptions, gpuAiCloud } from './gpu-ai/gpu-ai-cloud.ts';
export {
  type GpuHints,
  gpuMatches,
  isKnownGpu,
  knownGpus,
  type NormalisedGpu,
  normaliseGpu,
  suggestGpu,
} from './gpu-names.ts';
export { InstancePoller, type PollerOptions, type WaitOptions } from './instance-poller.ts';
export type {
  JobAnswer,
  JobDeployment,
  JobDeploymentOrder,
  JobDeployments,
  SubmittedJob,
} from './job-deployments.ts';
export { deploymentLabelPrefix, instanceLabel, type LabelParts, parseLabel } from './label.ts';
export { type MassedComputeCloudOptions, massedComputeCloud } from './massed-compute/massed-compute-cloud.ts';
export { destroyEverything, findByLabel, type HoldingCounts, type Holdings } from './ownership.ts';
export { type OfferConstraints, rankOffers } from './rank-offers.ts';
export { tensorDockCloud } from './tensordock/tensordock-cloud.ts';
export { type VerdaCloudOptions, verdaCloud } from './verda/verda-cloud.ts';
