export { type Absence, type AbsenceRules, isGone, neverAbsent, noteMissed, noteSeen } from './absence.ts';
export { type AccountStatement, type AccountStatementsOptions, accountStatements } from './account-statement.ts';
export { type AccountState, AccountWatch } from './account-watch.ts';
export type {
  CallOptions,
  Cloud,
  Deletion,
  Growth,
  Instance,
  InstanceOrder,
  InstanceStatus,
  JobDeployment,
  JobDeploymentOrder,
  JobDeployments,
  JobResult,
  Offer,
  SshAddress,
  SshKey,
  SubmittedJob,
  Vendor,
  Volume,
} from './cloud.ts';
export { jobDeploymentVendors, vendors } from './cloud.ts';
export { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
export {
  type Clouds,
  type CreateCloudOptions,
  type CreateCloudsOptions,
  createCloud,
  createClouds,
  type MissingCloud,
} from './create-clouds.ts';
export { activitiesPerSecond, credentialVariables, variablePrefix } from './credentials.ts';
export { findByName, findOwned, type Holdings, type OwnedHoldings } from './find-by-name.ts';
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
export { InstancePoller, type PollerOptions, type WaitOptions } from './instance-poller.ts';
export { countConflict, GpuNameError, maxGpuCount, parseGpu } from './parse-gpu.ts';
export {
  alternatives,
  maxPriceFor,
  type OfferAlternative,
  type OfferConstraints,
  orderedPricePerHour,
  rankOffers,
} from './rank-offers.ts';
export {
  type DestroyOptions,
  destroyUntilGone,
  Teardown,
  type TeardownFailure,
  type TeardownKind,
  type TeardownOptions,
  type TeardownTarget,
} from './teardown.ts';
