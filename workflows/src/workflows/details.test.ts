import type { Offer } from '@gpu-clouds/clouds/pure';
import { expect, it } from 'vitest';
import { instanceDetails, runDetails } from './details.ts';

const offer: Offer = {
  vendor: 'verda',
  id: 'verda-0',
  gpu: 'H100 SXM',
  gpuCount: 8,
  gpuMemory: 80,
  region: 'FIN-01',
  pricePerHour: 20,
  spot: false,
  native: {},
};
const since = '2026-11-21T10:00:00.000Z';

it('the details of a run tell its phase, its instance, its cost and what failed before', () => {
  const details = runDetails(
    {
      id: 'train-1',
      name: 'train',
      nodes: 1,
      phase: 'running',
      startedAt: since,
      phaseSince: '2026-11-21T10:10:00.000Z',
      instances: [
        { instanceName: 'gpuc-default-train-1-1', node: 0, offer, instanceId: 'i-7', pricePerHour: 20, since },
      ],
      failures: [{ vendor: 'tensordock', kind: 'no-capacity', message: 'sold out', at: since }],
    },
    Date.parse('2026-11-21T10:30:00.000Z'),
  );
  expect(details).toBe(`- **running** since 2026-11-21T10:10:00.000Z
- Instance: \`gpuc-default-train-1-1\`: 8 × H100 SXM at verda (FIN-01), i-7
- Cost: $10.00 up to 2026-11-21T10:30:00.000Z, and $20.00 an hour from then on
- Failed before: tensordock: no-capacity: sold out`);
});

it('the details of a run that waits tell what it waits for, and the latest failures', () => {
  const details = runDetails(
    {
      id: 'train-1',
      name: 'train',
      nodes: 1,
      phase: 'finding-offers',
      startedAt: since,
      phaseSince: since,
      instances: [],
      waiting: { reason: 'no-offer', since, until: '2026-11-21T22:00:00.000Z', message: 'No cloud has 1 × H100.' },
      failures: Array.from({ length: 30 }, (_, index) => ({
        vendor: 'verda',
        kind: 'no-capacity',
        message: `sold out ${index}`,
        at: since,
      })),
    },
    Date.parse(since),
  );
  const lines = details.split('\n');
  expect(lines[1]).toBe('- **Waiting** until 2026-11-21T22:00:00.000Z: No cloud has 1 × H100.');
  expect(lines[3]).toBe('- Failed before: verda: no-capacity: sold out 10');
  expect(lines.at(-1)).toBe('- Failed before: verda: no-capacity: sold out 29');
});

it('the details of a run that has ended name no instance', () => {
  const details = runDetails(
    {
      id: 'train-1',
      name: 'train',
      nodes: 1,
      phase: 'finished',
      outcome: 'cancelled',
      message: 'The run was cancelled.',
      startedAt: since,
      phaseSince: since,
      instances: [{ instanceName: 'gone', node: 0, offer, pricePerHour: 20, since, until: since }],
      failures: [],
    },
    Date.parse(since),
  );
  expect(details).toBe(`- **cancelled** since ${since}
- The run was cancelled.
- Cost: $0.00 up to ${since}`);
});

it('the details of an instance tell where it is and what it costs', () => {
  const facts = { instanceName: 'l', state: 'ready', instanceId: 'i-7', pricePerHour: 19.5 } as const;
  expect(instanceDetails({ ...facts, ssh: { host: '10.0.0.1', port: 22, user: 'ubuntu' } }, offer)).toBe(`- **ready**
- Instance: 8 × H100 SXM at verda (FIN-01), i-7
- Price: $19.50 an hour
- SSH: ubuntu@10.0.0.1:22`);
  const idle = { since, releasedAt: '2026-11-21T10:30:00.000Z' };
  expect(instanceDetails({ ...facts, idle }, offer)).toContain(
    '- **Idle** since 2026-11-21T10:00:00.000Z, released at 2026-11-21T10:30:00.000Z unless it is used',
  );
});

it('the details of a run on several instances tell each, what they cost together, and which teardown is stuck', () => {
  const instance = (node: number) => ({ instanceName: `l-${node}`, node, offer, pricePerHour: 20, since });
  const details = runDetails(
    {
      id: 'train-1',
      name: 'train',
      nodes: 2,
      phase: 'destroying',
      startedAt: since,
      phaseSince: since,
      instances: [instance(0), { ...instance(1), teardownStuckSince: since }],
      failures: [],
    },
    Date.parse('2026-11-21T10:30:00.000Z'),
  );
  expect(details).toBe(`- **destroying** since ${since}
- Node 0: \`l-0\`: 8 × H100 SXM at verda (FIN-01)
- Node 1: \`l-1\`: 8 × H100 SXM at verda (FIN-01), **stuck**: its teardown began at ${since} and has not ended
- Cost: $20.00 up to 2026-11-21T10:30:00.000Z, and $40.00 an hour from then on`);
});
