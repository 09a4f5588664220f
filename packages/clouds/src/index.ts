export type {
  CallOptions,
  Cloud,
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
