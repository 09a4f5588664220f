/** The part that a Temporal workflow can bundle: no client, no network, no clock. */
export type {
  Growth,
  Instance,
  InstanceStatus,
  Offer,
  SshAddress,
  SshKey,
  Vendor,
  Volume,
} from './cloud.ts';
export { jobDeploymentVendors, vendors } from './cloud.ts';
export { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
export { activitiesPerSecond, credentialVariables, variablePrefix } from './credentials.ts';
export type { WantedGpu } from './gpu-names.ts';
export {
  fleetPrefix,
  formatInstanceName,
  formatOwnerId,
  haveSameOwner,
  type InstanceNameParts,
  type OwnerParts,
  ownerIdOf,
  parseInstanceName,
} from './instance-name.ts';
export { mostSimilar } from './most-similar.ts';
export { countConflict, GpuNameError, maxGpuCount, parseGpu } from './parse-gpu.ts';
export {
  alternatives,
  maxPriceFor,
  type OfferAlternative,
  type OfferConstraints,
  orderedPricePerHour,
  rankOffers,
} from './rank-offers.ts';
