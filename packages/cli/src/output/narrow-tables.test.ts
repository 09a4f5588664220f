import type { JobInstance, LeaseSummary } from '@gpu-clouds/jobs';
import { expect, test } from 'vitest';
import { accountsTable, groupsTable } from '../commands/cost.ts';
import { leasesTable } from '../commands/ls.ts';
import { instancesTable } from './instances-table.ts';
import { widthOf } from './width.ts';

const startedAt = new Date('2026-01-01T00:00:00Z');
const endedAt = new Date('2026-01-02T23:59:00Z');
const columns = 40;

function widest(text: string): number {
  return Math.max(...text.split('\n').map(widthOf));
}

test('the table of leases fits 40 columns with names and states of any length, and never cuts a state', () => {
  const lease = {
    id: 'x',
    fleet: 'dev',
    vendor: 'massed-compute',
    gpus: '8x RTX PRO 6000',
    pricePerHour: 112.64,
  } as const;
  const leases: readonly LeaseSummary[] = [
    { ...lease, name: 'a-name-of-26-characters-is', state: 'cap-reached', startedAt, endedAt },
    { ...lease, name: 'mine', state: 'ready', startedAt, mustEndBy: new Date(Date.now() + 3_000_000) },
  ];
  const shown = leasesTable(leases, { columns });
  expect(widest(shown)).toBeLessThanOrEqual(columns);
  expect(shown).toMatch(/^NAME +STATE +LEFT\na-name-.+… +cap-reached\nmine +ready +(49m 59s|50m 00s)$/);
  const short = leasesTable(leases.slice(1), { columns });
  expect(short).toMatch(/^NAME +STATE +INSTANCE +LEFT\nmine +ready +8x RTX PRO .*… +(49m 59s|50m 00s)$/);
});

test('the tables of costs fit 40 columns', () => {
  const groups = [{ name: 'a-run-with-a-long-name-1a2b3c', runs: 1, dollars: 12_345.67 }];
  expect(widest(groupsTable('RUN', groups, { columns }))).toBeLessThanOrEqual(columns);
  const amounts = { balance: 10_000, spent: 1234.5, counted: 1200, difference: 34.5 };
  const accounts = [{ vendor: 'massed-compute', since: startedAt, ...amounts }] as const;
  expect(accountsTable(accounts, { columns })).toBe(
    'CLOUD           CLOUD SAYS   COUNTED\nmassed-compute    $1234.50  $1200.00',
  );
});

test('the table of instances fits 40 columns, and never cuts a state', () => {
  const offer = {
    vendor: 'massed-compute',
    id: 'x',
    gpu: 'RTX PRO 6000 Blackwell',
    gpuCount: 8,
    gpuMemory: 96,
    region: 'Canada, Manitoba, Winnipeg',
    pricePerHour: 112.64,
    spot: false,
    native: {},
  } as const;
  const times = { since: startedAt.toISOString(), until: endedAt.toISOString() };
  const instance: JobInstance = {
    instanceName: 'gpuc-dev-run-0-abcde',
    node: 0,
    offer,
    pricePerHour: 112.64,
    ...times,
  };
  expect(instancesTable([instance], { columns })).toBe(
    'GPU          CLOUD           COST  STATE\n8x RTX PRO…  massed-co…  $5404.84  gone',
  );
});
