import { describe, expectTypeOf, test } from 'vitest';
import type { Deployment, DeployRequest, Failure, TensorDockClient, VirtualMachine } from './index.ts';
import { rawClient } from './raw.ts';

declare const tensorDock: TensorDockClient;

describe('what is sent', () => {
  test('has no credentials: the client adds them', () => {
    expectTypeOf<DeployRequest>().not.toHaveProperty('api_key');
    expectTypeOf<DeployRequest>().not.toHaveProperty('api_token');
    expectTypeOf(tensorDock.listVirtualMachines).toBeCallableWith();
  });

  test('has what is required, and does not compile without it', () => {
    expectTypeOf(tensorDock.deleteVirtualMachine).toBeCallableWith({ body: { server: 'a' } });
    // @ts-expect-error which server?
    expectTypeOf(tensorDock.deleteVirtualMachine).toBeCallableWith({ body: {} });
    // @ts-expect-error a machine needs more than a name
    expectTypeOf(tensorDock.deployVirtualMachine).toBeCallableWith({ body: { name: 'a' } });
    // @ts-expect-error ports are texts such as {20001, 20002}
    expectTypeOf<{ external_ports: number[] }>().toExtend<Pick<DeployRequest, 'external_ports'>>();
  });
});

describe('what is answered', () => {
  test('is a success: a failure on a 200 is thrown', () => {
    expectTypeOf(tensorDock.deployVirtualMachine).returns.resolves.toEqualTypeOf<Deployment>();
    expectTypeOf<Deployment['success']>().toEqualTypeOf<true>();
  });

  test('is told apart by success where a failure is an answer', async () => {
    type Verdict = Awaited<ReturnType<TensorDockClient['validateSpotNew']>>;
    expectTypeOf<Extract<Verdict, { success: false }>>().toEqualTypeOf<Failure>();
    const reason = (verdict: Verdict) => (verdict.success ? undefined : verdict.error);
    expectTypeOf(reason).returns.toEqualTypeOf<string | undefined>();
  });

  test('is told apart by success through raw', () => {
    type Raw = Awaited<ReturnType<typeof list>>['data'];
    const list = () => rawClient(tensorDock).POST('/api/v0/client/list');
    expectTypeOf<Extract<NonNullable<Raw>, { success: false }>>().toEqualTypeOf<Failure>();
  });

  test('maps machines by their uuid', () => {
    expectTypeOf(tensorDock.listVirtualMachines).returns.resolves.toHaveProperty('virtualmachines').toEqualTypeOf<{
      [key: string]: VirtualMachine;
    }>();
  });
});

test('a status may be a new one, and the known ones are still offered', () => {
  expectTypeOf<'AStatusOfTomorrow'>().toExtend<VirtualMachine['status']>();
  expectTypeOf<Extract<VirtualMachine['status'], 'Running'>>().toEqualTypeOf<'Running'>();
  expectTypeOf<VirtualMachine['status']>().not.toEqualTypeOf<string>();
});
