import type { SeededRandom } from '../seeded-random.ts';
import type { Fault } from './fault.ts';

export const workerCount = 2;

const awayMs = (random: SeededRandom) => random.int(0, 3000);

function worker(inForty: number, what: 'worker-kill' | 'worker-deploy'): Fault {
  const draw = (random: SeededRandom) =>
    ({ what, worker: random.int(0, workerCount - 1), awayMs: awayMs(random) }) as const;
  return { system: { inForty, draw } };
}

/** Faults of the workers and of Temporal. */
export const processFaults = {
  /** A worker is killed with SIGKILL. Another one starts soon after. */
  'worker-kill': worker(4, 'worker-kill'),
  /** A worker is stopped with SIGTERM and replaced, as in a rolling update. */
  'worker-deploy': worker(2, 'worker-deploy'),
  /** The Temporal server is killed with SIGKILL. It restarts with the same port and database. */
  'server-kill': {
    system: { inForty: 2, draw: (random) => ({ what: 'server-kill', awayMs: awayMs(random) }) },
    costsOffers: true,
  },
} as const satisfies Readonly<Record<string, Fault>>;
