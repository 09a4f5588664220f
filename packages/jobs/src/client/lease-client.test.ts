import { Client } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { offerOf } from '../../test/fake-cloud.ts';
import { leaseInstance } from './lease-client.ts';

/** Leases an instance from a Temporal that accepts everything. Returns what was started. */
async function leasedFor(times: { readonly ttl: string; readonly maxTtl?: string }) {
  const client = new Client();
  const start = vi.spyOn(client.workflow, 'start').mockResolvedValue({
    ...client.workflow.getHandle('lease'),
    firstExecutionRunId: 'first',
    eagerlyStarted: false,
  });
  await leaseInstance(client, { offer: offerOf('verda', 'x'), fleet: 'dev', ...times });
  return start;
}

const hour = 3600;

it.each([
  [{ ttl: '1h' }, 24 * hour],
  [{ ttl: '48h' }, 48 * hour],
  [{ ttl: '1h', maxTtl: '1h' }, hour],
])('leaseInstance with %j can be extended to %i seconds', async (times, maxTtlSeconds) => {
  const args = [expect.objectContaining({ maxTtlSeconds })];
  expect(await leasedFor(times)).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ args }));
});

it('leaseInstance refuses a TTL that is longer than the maximum TTL', async () => {
  await expect(leasedFor({ ttl: '48h', maxTtl: '24h' })).rejects.toThrow(
    'ttl is 48h, which is longer than maxTtl, 24h. Shorten ttl, or raise maxTtl.',
  );
});

it.each([{ ttl: '366d' }, { ttl: '1h', maxTtl: '99999999d' }])(
  'leaseInstance refuses %j, which is too long',
  async (times) => {
    await expect(leasedFor(times)).rejects.toThrow('must be longer than 0 and at most 365d');
  },
);
