import { describe, expectTypeOf, test } from 'vitest';
import type {
  Cluster,
  ContainerDeployment,
  CreateContainerDeployment,
  CreateJobDeployment,
  JobDeployment,
  VolumeMount,
} from './index.ts';

describe('a volume mount', () => {
  test('a volume mount is a union with type as the discriminator', () => {
    const sizeOrName = (mount: VolumeMount) => {
      switch (mount.type) {
        case 'memory':
          return mount.size_in_mb;
        case 'secret':
          return mount.secret_name;
        case 'shared':
          return mount.volume_id;
        case 'scratch':
          expectTypeOf(mount).toEqualTypeOf<{ type: 'scratch'; mount_path: string }>();
          return mount.mount_path;
      }
    };
    expectTypeOf(sizeOrName).returns.toExtend<string | number>();
  });

  test('a volume mount without a required property does not compile', () => {
    // @ts-expect-error a shared mount needs its volume
    expectTypeOf<{ type: 'shared'; mount_path: string }>().toExtend<VolumeMount>();
    // @ts-expect-error the property is volume_id
    expectTypeOf<{ type: 'shared'; mount_path: string; volumeId: string }>().toExtend<VolumeMount>();
    // @ts-expect-error memory comes in powers of two
    expectTypeOf<{ type: 'memory'; mount_path: string; size_in_mb: 100 }>().toExtend<VolumeMount>();
    expectTypeOf<{ type: 'scratch'; mount_path: string }>().toExtend<VolumeMount>();
  });
});

test('a public image compiles without credentials', () => {
  type Settings = CreateContainerDeployment['container_registry_settings'];
  expectTypeOf<{ is_private: false }>().toExtend<Settings>();
  expectTypeOf<{ is_private: false; credentials: null }>().toExtend<Settings>();
  expectTypeOf<ContainerDeployment['container_registry_settings']['credentials']>().toEqualTypeOf<
    { name: string } | null | undefined
  >();
});

test('scaling triggers and the port of a health check can be left out or null', () => {
  type Triggers = CreateContainerDeployment['scaling']['scaling_triggers'];
  expectTypeOf<null>().toExtend<Triggers>();
  expectTypeOf<{ queue_load: { threshold: number } }>().toExtend<Triggers>();
  expectTypeOf<{ cpu_utilization: { enabled: false }; gpu_utilization: null }>().toExtend<Triggers>();
  type HealthCheck = CreateContainerDeployment['containers'][number]['healthcheck'];
  expectTypeOf<{ enabled: false }>().toExtend<HealthCheck>();
  expectTypeOf<{ enabled: false; port: null; path: null }>().toExtend<HealthCheck>();
});

test('a job has a deadline, and its mounts have the type of container mounts', () => {
  expectTypeOf<CreateJobDeployment['scaling']['deadline_seconds']>().toEqualTypeOf<number>();
  type Sent = NonNullable<CreateJobDeployment['containers'][number]['volume_mounts']>[number];
  expectTypeOf<Sent>().toEqualTypeOf<VolumeMount>();
  type Answered = JobDeployment['containers'][number]['volume_mounts'][number];
  expectTypeOf<Answered>().toEqualTypeOf<VolumeMount>();
  expectTypeOf<Extract<Answered, { type: 'shared' }>['volume_id']>().toEqualTypeOf<string>();
  // @ts-expect-error a scratch mount has no volume
  expectTypeOf<Extract<Answered, { type: 'scratch' }>['volume_id']>().toEqualTypeOf<string>();
});

test('a cluster has nodes and volumes, and a nullable IP address', () => {
  expectTypeOf<Cluster['ip']>().toEqualTypeOf<string | null>();
  expectTypeOf<NonNullable<Cluster['worker_nodes']>[number]['hostname']>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<Cluster['shared_volumes']>[number]['id']>().toEqualTypeOf<string>();
});
