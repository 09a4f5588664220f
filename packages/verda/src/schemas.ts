import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** The project's balance. */
export type Balance = Schemas['BalanceResponseDto'];
/** A cluster, its nodes and shared volumes. */
export type Cluster = Schemas['GetClusterResponsePublicApiDto'];
/** A serverless container deployment. */
export type ContainerDeployment = Schemas['DeploymentPublicApiResponseDto'];
/** An order of a cluster. */
export type CreateCluster = Schemas['DeployClusterPublicDto'];
/** What a new container deployment is to be. */
export type CreateContainerDeployment = Schemas['CreateDeploymentPublicApiDto'];
/** A secret of files. */
export type CreateFileSecret = Schemas['CreateFilesetSecretPublicApiDto'];
/** An order of an instance. */
export type CreateInstance = Schemas['DeployInstancePublicDto'];
/** What a new job deployment is to be. */
export type CreateJobDeployment = Schemas['CreateScaledJobDto'];
/** Credentials of a container registry. */
export type CreateRegistryCredentials = Schemas['CreateRegistryCredentialsPublicApiDto'];
/** A secret of one value. */
export type CreateSecret = Schemas['CreateSecretPublicApiDto'];
/** A container's variable: a plain value, or the name of a secret. */
export type EnvironmentVariable = Schemas['EnvVarPublicApi'];
/** An operating system to boot. */
export type Image = Schemas['Os'];
/** A rented instance. */
export type Instance = Schemas['GetInstanceResponsePublicApiDto'];
/** What became of an action on one of several instances. */
export type InstanceActionResult = Schemas['InstanceActionResultDto'];
/** Instance types that are in stock in a location. */
export type InstanceAvailability = Schemas['InstanceAvailabilityResponseDto'];
/** An open set: statuses come without notice. */
export type InstanceStatus = Schemas['InstanceStatus'];
/** A machine of a fixed shape, with its prices in US dollars an hour for the whole of it. */
export type InstanceType = Schemas['InstanceType'];
/** A serverless job deployment. */
export type JobDeployment = Schemas['ScaledJobResponseDto'];
/** A data centre. */
export type Location = Schemas['Location'];
/** A startup script. */
export type Script = Schemas['GetScriptResponseDto'];
/** A public key of the project. */
export type SshKey = Schemas['GetKeysResponseDto'];
/** A deleted volume, which can be restored for 96 hours. */
export type TrashedVolume = Schemas['GetVolumeInTrashPublicResponseDto'];
/** A volume, attached or not. */
export type Volume = Schemas['GetVolumePublicResponseDto'];
/** What a container of a deployment can mount, told apart by `type`. */
export type VolumeMount = NonNullable<CreateContainerDeployment['containers'][number]['volume_mounts']>[number];
