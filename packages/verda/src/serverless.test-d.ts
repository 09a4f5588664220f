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
  test('is told apart by its type, and has what that needs', () => {
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

  test('does not compile without it', () => {
    // @ts-expect-error a shared mount needs its volume
    expectTypeOf<{ type: 'shared'; mount_path: string }>().toExtend<VolumeMount>();
    // @ts-expect-error it is spelt volume_id
    expectTypeOf<{ type: 'shared'; mount_path: string; volumeId: string }>().toExtend<VolumeMount>();
    // @ts-expect-error memory comes in powers of two
    expectTypeOf<{ type: 'memory'; mount_path: string; size_in_mb: 100 }>().toExtend<VolumeMount>();
    expectTypeOf<{ type: 'scratch'; mount_path: string }>().toExtend<VolumeMount>();
  });
});

test('a public image needs no credentials', () => {
  type Settings = CreateContainerDeployment['container_registry_settings'];
  expectTypeOf<{ is_private: false }>().toExtend<Settings>();
  expectTypeOf<{ is_private: false; credentials: null }>().toExtend<Settings>();
  expectTypeOf<ContainerDeployment['container_registry_settings']['credentials']>().toEqualTypeOf<
    { name: string } | null | undefined
  >();
});

test('a job names its deadline, and its mounts are those of containers, sent and answered', () => {
  expectTypeOf<CreateJobDeployment['scaling']['deadline_seconds']>().toEqualTypeOf<number>();
  type Sent = NonNullable<CreateJobDeployment['containers'][number]['volume_mounts']>[number];
  expectTypeOf<Sent>().toEqualTypeOf<VolumeMount>();
  type Answered = JobDeployment['containers'][number]['volume_mounts'][number];
  expectTypeOf<Answered>().toEqualTypeOf<VolumeMount>();
  expectTypeOf<Extract<Answered, { type: 'shared' }>['volume_id']>().toEqualTypeOf<string>();
  // @ts-expect-error a scratch mount has no volume
  expectTypeOf<Extract<Answered, { type: 'scratch' }>['volume_id']>().toEqualTypeOf<string>();
});

test('a cluster has nodes and volumes, and no address before it is up', () => {
  expectTypeOf<Cluster['ip']>().toEqualTypeOf<string | null>();
  expectTypeOf<NonNullable<Cluster['worker_nodes']>[number]['hostname']>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<Cluster['shared_volumes']>[number]['id']>().toEqualTypeOf<string>();
});
