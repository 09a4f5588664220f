import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

export type Balance = Schemas['BalanceResponseDto'];
export type Cluster = Schemas['GetClusterResponsePublicApiDto'];
export type ContainerDeployment = Schemas['DeploymentPublicApiResponseDto'];
export type CreateCluster = Schemas['DeployClusterPublicDto'];
export type CreateContainerDeployment = Schemas['CreateDeploymentPublicApiDto'];
export type CreateFileSecret = Schemas['CreateFilesetSecretPublicApiDto'];
export type CreateInstance = Schemas['DeployInstancePublicDto'];
export type CreateJobDeployment = Schemas['CreateScaledJobDto'];
export type CreateRegistryCredentials = Schemas['CreateRegistryCredentialsPublicApiDto'];
export type CreateSecret = Schemas['CreateSecretPublicApiDto'];
export type EnvironmentVariable = Schemas['EnvVarPublicApi'];
export type Image = Schemas['Os'];
export type Instance = Schemas['GetInstanceResponsePublicApiDto'];
export type InstanceActionResult = Schemas['InstanceActionResultDto'];
export type InstanceAvailability = Schemas['InstanceAvailabilityResponseDto'];
export type InstanceStatus = Schemas['InstanceStatus'];
export type InstanceType = Schemas['InstanceType'];
export type JobDeployment = Schemas['ScaledJobResponseDto'];
export type Location = Schemas['Location'];
export type Script = Schemas['GetScriptResponseDto'];
export type SshKey = Schemas['GetKeysResponseDto'];
export type TrashedVolume = Schemas['GetVolumeInTrashPublicResponseDto'];
export type Volume = Schemas['GetVolumePublicResponseDto'];
/** What a container of a deployment can mount, told apart by `type`. */
export type VolumeMount = NonNullable<CreateContainerDeployment['containers'][number]['volume_mounts']>[number];
