import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** The balance of a project. */
export type Balance = Schemas['BalanceResponseDto'];
/** A cluster with its nodes and shared volumes. */
export type Cluster = Schemas['GetClusterResponsePublicApiDto'];
/** A serverless container deployment. */
export type ContainerDeployment = Schemas['DeploymentPublicApiResponseDto'];
/** The order of a new cluster. */
export type CreateCluster = Schemas['DeployClusterPublicDto'];
/** The definition of a new container deployment. */
export type CreateContainerDeployment = Schemas['CreateDeploymentPublicApiDto'];
/** A secret of files. */
export type CreateFileSecret = Schemas['CreateFilesetSecretPublicApiDto'];
/** The order of a new instance. */
export type CreateInstance = Schemas['DeployInstancePublicDto'];
/** The definition of a new job deployment. */
export type CreateJobDeployment = Schemas['CreateScaledJobDto'];
/** Credentials of a container registry. */
export type CreateRegistryCredentials = Schemas['CreateRegistryCredentialsPublicApiDto'];
/** A secret of one value. */
export type CreateSecret = Schemas['CreateSecretPublicApiDto'];
/** An environment variable of a container: a plain value, or the name of a secret. */
export type EnvironmentVariable = Schemas['EnvVarPublicApi'];
/** An operating system image. */
export type Image = Schemas['Os'];
/** A rented instance. */
export type Instance = Schemas['GetInstanceResponsePublicApiDto'];
/** The result of an action for one of several instances. */
export type InstanceActionResult = Schemas['InstanceActionResultDto'];
/** The instance types available in a location. */
export type InstanceAvailability = Schemas['InstanceAvailabilityResponseDto'];
/** The status of an instance. The vendor adds values without notice. */
export type InstanceStatus = Schemas['InstanceStatus'];
/** An instance type, with its prices for the whole instance in US dollars per hour. */
export type InstanceType = Schemas['InstanceType'];
/** A serverless job deployment. */
export type JobDeployment = Schemas['ScaledJobResponseDto'];
/** A data center. */
export type Location = Schemas['Location'];
/** A startup script. */
export type Script = Schemas['GetScriptResponseDto'];
/** A public SSH key of the project. */
export type SshKey = Schemas['GetKeysResponseDto'];
/** A deleted volume. It can be restored for 96 hours. */
export type TrashedVolume = Schemas['GetVolumeInTrashPublicResponseDto'];
/** A volume, attached or not. */
export type Volume = Schemas['GetVolumePublicResponseDto'];
/** A volume mount of a container. `type` tells the variants apart. */
export type VolumeMount = NonNullable<CreateContainerDeployment['containers'][number]['volume_mounts']>[number];
