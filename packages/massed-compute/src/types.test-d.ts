import { describe, expectTypeOf, test } from 'vitest';
import type { Coupon, Instance, InstanceStatus, MassedComputeClient } from './index.ts';

declare const massedCompute: MassedComputeClient;

test('a request without a required property does not compile', () => {
  const order = { productName: 'gpu_1x_l40', regionName: 'any', imageId: 84 };
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: order });
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: { ...order, sshKeys: ['laptop'] } });
  // @ts-expect-error an image is required, and is a number
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: { ...order, imageId: '84' } });
  // @ts-expect-error the coupon is required
  expectTypeOf(massedCompute.getCoupon).toBeCallableWith({ body: { couponCode: 'a' } });
  expectTypeOf(massedCompute.getCoupon).toBeCallableWith({ body: { coupon: 'a' } });
  // @ts-expect-error an instance has a uuid
  expectTypeOf(massedCompute.getInstance).toBeCallableWith({ path: {} });
});

describe('what is answered', () => {
  test('response properties are required, and prices are strings', () => {
    expectTypeOf<Instance['uuid']>().toEqualTypeOf<string>();
    expectTypeOf<Coupon['discountPercent']>().toEqualTypeOf<string>();
    expectTypeOf<Instance['os_booted']>().toEqualTypeOf<number>();
    expectTypeOf(massedCompute.getInstance).returns.resolves.toEqualTypeOf<Instance>();
  });

  test('an instance has an optional region and nullable properties', () => {
    expectTypeOf<undefined>().toExtend<Instance['region']>();
    expectTypeOf<Instance['command_startup']>().toEqualTypeOf<string | null | undefined>();
  });
});

test('a status lists the known values and accepts any string', () => {
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
  expectTypeOf<Extract<InstanceStatus, 'Running' | 'booting'>>().toEqualTypeOf<'Running' | 'booting'>();
  expectTypeOf<InstanceStatus>().not.toEqualTypeOf<string>();
});
