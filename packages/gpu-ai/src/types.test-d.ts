import type { Paged } from '@gpu-clouds/core';
import { describe, expectTypeOf, test } from 'vitest';
import type { GpuAiClient, Instance, Operation, Pricing, Problem } from './index.ts';

declare const gpuAi: GpuAiClient;

describe('what is sent', () => {
  test('a request without a required property does not compile', () => {
    expectTypeOf(gpuAi.createInstance).toBeCallableWith({ body: { gpu_type: 'a', gpu_count: 1, tier: 'spot' } });
    // @ts-expect-error the number of GPUs is required
    expectTypeOf(gpuAi.createInstance).toBeCallableWith({ body: { gpu_type: 'a', tier: 'spot' } });
    // @ts-expect-error there are two tiers
    expectTypeOf(gpuAi.createInstance).toBeCallableWith({ body: { gpu_type: 'a', gpu_count: 1, tier: 'cheap' } });
    // @ts-expect-error the body is required
    expectTypeOf(gpuAi.createSshKey).toBeCallableWith({});
    expectTypeOf(gpuAi.listPricing).toBeCallableWith({ query: { cursor: 'c', limit: 10 } });
  });
});

describe('what is answered', () => {
  test('a response property is nullable only where the vendor sends null', () => {
    expectTypeOf<Instance['id']>().toEqualTypeOf<string>();
    expectTypeOf<Instance['name']>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<null>().toExtend<Instance['connection']>();
    expectTypeOf<Operation['operation_id']>().toEqualTypeOf<string>();
    expectTypeOf<Operation['resource_id']>().toEqualTypeOf<string | null | undefined>();
  });

  test('only the create of a webhook endpoint returns its secret', () => {
    expectTypeOf(gpuAi.createWebhookEndpoint).returns.resolves.toHaveProperty('secret').toEqualTypeOf<string>();
    expectTypeOf(gpuAi.getWebhookEndpoint).returns.resolves.not.toHaveProperty('secret');
  });

  test('a paged method yields items', () => {
    expectTypeOf(gpuAi.listPricing.items()).toEqualTypeOf<Paged<Pricing>>();
  });
});

describe('a set', () => {
  test('an open enum lists the known values and accepts any string', () => {
    expectTypeOf<'a-status-of-tomorrow'>().toExtend<Instance['status']>();
    expectTypeOf<Extract<Instance['status'], 'running' | 'booting'>>().toEqualTypeOf<'running' | 'booting'>();
    expectTypeOf<Extract<Problem['code'], 'rate_limited'>>().toEqualTypeOf<'rate_limited'>();
    expectTypeOf<Instance['status']>().not.toEqualTypeOf<string>();
  });

  test('a closed enum accepts only its values', () => {
    expectTypeOf<Instance['tier']>().toEqualTypeOf<'spot' | 'on_demand'>();
  });
});
