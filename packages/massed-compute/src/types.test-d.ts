import { describe, expectTypeOf, test } from 'vitest';
import type { Coupon, Instance, InstanceStatus, MassedComputeClient } from './index.ts';

declare const massedCompute: MassedComputeClient;

test('what is sent has what is required, and does not compile without it', () => {
  const order = { productName: 'gpu_1x_l40', regionName: 'any', imageId: 84 };
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: order });
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: { ...order, sshKeys: ['laptop'] } });
  // @ts-expect-error an image is required, and is a number
  expectTypeOf(massedCompute.launchInstance).toBeCallableWith({ body: { ...order, imageId: '84' } });
  // @ts-expect-error the published document demands couponCode, which does not exist
  expectTypeOf(massedCompute.getCoupon).toBeCallableWith({ body: { couponCode: 'a' } });
  expectTypeOf(massedCompute.getCoupon).toBeCallableWith({ body: { coupon: 'a' } });
  // @ts-expect-error an instance has a uuid
  expectTypeOf(massedCompute.getInstance).toBeCallableWith({ path: {} });
});

describe('what is answered', () => {
  test('has what is required, as text where the vendor writes text', () => {
    expectTypeOf<Instance['uuid']>().toEqualTypeOf<string>();
    expectTypeOf<Coupon['discountPercent']>().toEqualTypeOf<string>();
    expectTypeOf<Instance['os_booted']>().toEqualTypeOf<number>();
    expectTypeOf(massedCompute.getInstance).returns.resolves.toEqualTypeOf<Instance>();
  });

  test('may have a region, and nulls where the vendor sends them', () => {
    expectTypeOf<undefined>().toExtend<Instance['region']>();
    expectTypeOf<Instance['command_startup']>().toEqualTypeOf<string | null | undefined>();
  });
});

test('a status may be a new one, and the known ones are still offered', () => {
  expectTypeOf<'a-status-of-tomorrow'>().toExtend<InstanceStatus>();
  expectTypeOf<Extract<InstanceStatus, 'Running' | 'booting'>>().toEqualTypeOf<'Running' | 'booting'>();
  expectTypeOf<InstanceStatus>().not.toEqualTypeOf<string>();
});
