/** What a Temporal workflow may import: no client, no network, no clock. */
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
export { vendors } from './cloud.ts';
export { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
export {
  type GpuHints,
  gpuMatches,
  isKnownGpu,
  knownGpus,
  type NormalisedGpu,
  normaliseGpu,
  suggestGpu,
} from './gpu-names.ts';
export { deploymentLabelPrefix, instanceLabel, type LabelParts, parseLabel } from './label.ts';
export { type OfferConstraints, orderedPricePerHour, rankOffers } from './rank-offers.ts';
