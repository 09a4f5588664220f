import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

export type Balance = Schemas['BalanceResponseDto'];
export type CreateInstance = Schemas['DeployInstancePublicDto'];
export type Image = Schemas['Os'];
export type Instance = Schemas['GetInstanceResponsePublicApiDto'];
export type InstanceActionResult = Schemas['InstanceActionResultDto'];
export type InstanceAvailability = Schemas['InstanceAvailabilityResponseDto'];
export type InstanceStatus = Schemas['InstanceStatus'];
export type InstanceType = Schemas['InstanceType'];
export type Location = Schemas['Location'];
export type Script = Schemas['GetScriptResponseDto'];
export type SshKey = Schemas['GetKeysResponseDto'];
export type TrashedVolume = Schemas['GetVolumeInTrashPublicResponseDto'];
export type Volume = Schemas['GetVolumePublicResponseDto'];
