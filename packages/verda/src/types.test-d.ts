import type { Paged } from '@gpu-clouds/core';
import { describe, expectTypeOf, test } from 'vitest';
import type {
  CreateInstance,
  components,
  Instance,
  InstanceStatus,
  InstanceType,
  Script,
  SshKey,
  VerdaClient,
  Volume,
} from './index.ts';

declare const verda: VerdaClient;
const path = { instance_id: 'i' };

describe('what is sent', () => {
  test('a request without a required property does not compile', () => {
    type Required = 'instance_type' | 'image' | 'hostname' | 'description' | 'location_code';
    expectTypeOf<Pick<CreateInstance, 'instance_type' | 'hostname'>>().toEqualTypeOf<{
      instance_type: string;
      hostname: string;
    }>();
    expectTypeOf<Required>().toExtend<keyof CreateInstance>();
    // @ts-expect-error an instance needs more than a type
    expectTypeOf(verda.createInstance).toBeCallableWith({ body: { instance_type: '1V100.6V' } });
    // @ts-expect-error the body is required
    expectTypeOf(verda.createInstance).toBeCallableWith({});
    // @ts-expect-error an id is part of the path
    expectTypeOf(verda.getInstance).toBeCallableWith();
    // @ts-expect-error the keys are an array
    expectTypeOf(verda.deleteSshKeys).toBeCallableWith({ body: { keys: 'a' } });
    expectTypeOf(verda.listInstances).toBeCallableWith();
    expectTypeOf(verda.deleteVolume).toBeCallableWith({ path: { volume_id: 'v' } });
  });

  test('the grant type decides what a token request requires', () => {
    type Grant = components['schemas']['GetAccessTokenDto'] | components['schemas']['RefreshAccessTokenPublicApiDto'];
    const secretOf = (grant: Grant) =>
      grant.grant_type === 'refresh_token' ? grant.refresh_token : grant.client_secret;
    expectTypeOf(secretOf).returns.toEqualTypeOf<string>();
  });
});

describe('what is answered', () => {
  test('a response property is nullable only where the vendor sends null', () => {
    expectTypeOf<Instance['id']>().toEqualTypeOf<string>();
    expectTypeOf<Instance['ip']>().toEqualTypeOf<string | null>();
    expectTypeOf<Instance['os_volume_id']>().toEqualTypeOf<string | null>();
    expectTypeOf<Instance['startup_script_id']>().toEqualTypeOf<string | null>();
    expectTypeOf<Volume['target']>().toEqualTypeOf<string | null>();
  });

  test('a price is a number or a string', () => {
    expectTypeOf<InstanceType['price_per_hour']>().toEqualTypeOf<number | string>();
  });

  test('creates resolve to an id, and lookups to one object', () => {
    expectTypeOf(verda.createInstance).returns.resolves.toEqualTypeOf<string>();
    expectTypeOf(verda.getSshKey).returns.resolves.toEqualTypeOf<SshKey>();
    expectTypeOf(verda.getInstance({ path })).resolves.toEqualTypeOf<Instance>();
    expectTypeOf(verda.listScripts.items()).toEqualTypeOf<Paged<Script>>();
  });
});

describe('a set that Verda extends', () => {
  test('an open enum lists the known values and accepts any string', () => {
    expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
    expectTypeOf<Extract<InstanceStatus, 'running' | 'no_capacity'>>().toEqualTypeOf<'running' | 'no_capacity'>();
    expectTypeOf<InstanceStatus>().not.toEqualTypeOf<string>();
    // @ts-expect-error it is a string
    expectTypeOf<number>().toExtend<InstanceStatus>();
  });
});
