import type { components } from '@gpu-clouds/massed-compute';
import { describe, expect, it } from 'vitest';
import { massedComputeInstance } from './instances.ts';

const answer = (given: Partial<components['schemas']['Instance']>): components['schemas']['Instance'] => ({
  uuid: 'u',
  name: 'gpuc-a-r-0',
  ip: '192.0.2.1',
  username: 'Ubuntu',
  password: 'hunter2',
  status: 'Running',
  os_booted: 1,
  ...given,
});

describe('massedComputeInstance', () => {
  it('never takes the password over', () => {
    expect(JSON.stringify(massedComputeInstance(answer({}), 22))).not.toMatch(/password|hunter2/);
  });

  it.each([
    ['Running', 1, '192.0.2.1', 'running'],
    ['running', 1, '192.0.2.1', 'running'],
    ['Running', 0, '192.0.2.1', 'provisioning'],
    ['Running', 1, null, 'provisioning'],
    ['rented', 1, '192.0.2.1', 'running'],
    ['rented', 0, '192.0.2.1', 'provisioning'],
    ['rented', 1, '', 'provisioning'],
    ['active', 1, '192.0.2.1', 'running'],
    ['terminating', 1, '192.0.2.1', 'deleting'],
    ['failed', 0, null, 'failed'],
    ['Stopped', 1, '192.0.2.1', 'stopped'],
    ['terminated', 1, null, 'gone'],
    ['hibernating', 1, '192.0.2.1', 'provisioning'],
  ] as const)('takes %s with os_booted %d at %s for %s', (status, os_booted, ip, expected) => {
    expect(massedComputeInstance(answer({ status, os_booted, ip }), 22).status).toBe(expected);
  });

  it('logs in as the user that the vendor names', () => {
    expect(massedComputeInstance(answer({}), 2022).ssh).toEqual({ host: '192.0.2.1', port: 2022, user: 'Ubuntu' });
  });
});
