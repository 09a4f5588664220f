import { describe, expectTypeOf, test } from 'vitest';
import type { Deployment, DeployRequest, Failure, TensorDockClient, VirtualMachine } from './index.ts';
import { rawClient } from './raw.ts';

declare const tensorDock: TensorDockClient;

describe('what is sent', () => {
  test('a request has no credentials', () => {
    expectTypeOf<DeployRequest>().not.toHaveProperty('api_key');
    expectTypeOf<DeployRequest>().not.toHaveProperty('api_token');
    expectTypeOf(tensorDock.listVirtualMachines).toBeCallableWith();
  });

  test('a request without a required property does not compile', () => {
    expectTypeOf(tensorDock.deleteVirtualMachine).toBeCallableWith({ body: { server: 'a' } });
    // @ts-expect-error the server is required
    expectTypeOf(tensorDock.deleteVirtualMachine).toBeCallableWith({ body: {} });
    // @ts-expect-error a VM needs more than a name
    expectTypeOf(tensorDock.deployVirtualMachine).toBeCallableWith({ body: { name: 'a' } });
    // @ts-expect-error ports are strings such as {20001, 20002}
    expectTypeOf<{ external_ports: number[] }>().toExtend<Pick<DeployRequest, 'external_ports'>>();
  });
});

describe('what is answered', () => {
  test('a method resolves to a success only', () => {
    expectTypeOf(tensorDock.deployVirtualMachine).returns.resolves.toEqualTypeOf<Deployment>();
    expectTypeOf<Deployment['success']>().toEqualTypeOf<true>();
  });

  test('a spot validation resolves to a union with success as the discriminator', async () => {
    type Verdict = Awaited<ReturnType<TensorDockClient['validateSpotNew']>>;
    expectTypeOf<Extract<Verdict, { success: false }>>().toEqualTypeOf<Failure>();
    const reason = (verdict: Verdict) => (verdict.success ? undefined : verdict.error);
    expectTypeOf(reason).returns.toEqualTypeOf<string | undefined>();
  });

  test('the raw client returns a union with success as the discriminator', () => {
    type Raw = Awaited<ReturnType<typeof list>>['data'];
    const list = () => rawClient(tensorDock).POST('/api/v0/client/list');
    expectTypeOf<Extract<NonNullable<Raw>, { success: false }>>().toEqualTypeOf<Failure>();
  });

  test('listVirtualMachines resolves to a map by uuid', () => {
    expectTypeOf(tensorDock.listVirtualMachines).returns.resolves.toHaveProperty('virtualmachines').toEqualTypeOf<{
      [key: string]: VirtualMachine;
    }>();
  });
});

test('a status lists the known values and accepts any string', () => {
  expectTypeOf<'AStatusOfTomorrow'>().toExtend<VirtualMachine['status']>();
  expectTypeOf<Extract<VirtualMachine['status'], 'Running'>>().toEqualTypeOf<'Running'>();
  expectTypeOf<VirtualMachine['status']>().not.toEqualTypeOf<string>();
});
