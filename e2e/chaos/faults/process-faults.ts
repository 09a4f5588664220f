import type { SeededRandom } from '../seeded-random.ts';
import type { Fault } from './fault.ts';

export const workerCount = 2;

/** Longer than the shortest cap, rounded up to the minute of a deadline, and the reaper's grace period. */
const awayLongMs = 150_000;
const awayMs = (random: SeededRandom) => random.int(0, 3000);

function worker(inForty: number, what: 'worker-kill' | 'worker-deploy'): Fault {
  const draw = (random: SeededRandom) =>
    ({ what, worker: random.int(0, workerCount - 1), awayMs: awayMs(random) }) as const;
  return { system: { inForty, draw }, drillsAtMs: [7000, 14_000, 21_000], lastsMs: 60_000 };
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
    drillsAtMs: [7000, 14_000, 21_000],
    lastsMs: 60_000,
    costsOffers: true,
  },
  /** Temporal is away for longer than the caps of some jobs. Meanwhile the reaper runs without it. */
  'temporal-away': {
    system: { inForty: 0.15, draw: () => ({ what: 'temporal-away', awayMs: awayLongMs }) },
    drillsAtMs: [12_000],
    lastsMs: awayLongMs,
    costsOffers: true,
  },
  /** Temporal's database is restored beside the original, and a reaper works from it. */
  'temporal-clone': {
    system: { inForty: 0.4, draw: () => ({ what: 'temporal-clone', forMs: 15_000 }) },
    // Before the instances are created, so that the copy does not know them.
    drillsAtMs: [0],
  },
  /** The clock of one worker is hours ahead or behind. */
  'clock-skew': {
    system: {
      inForty: 0.6,
      draw: (random) => ({
        what: 'clock-skew',
        worker: random.int(0, workerCount - 1),
        hours: random.pick([-30, -3, 3, 30]),
      }),
    },
    // Several draws, so that both workers and both directions are among them.
    drillsAtMs: [0, 10, 20, 30],
    // The instances of a drill have booted by the time a worker has started again.
    drillsFirst: true,
  },
  /** The master secret is replaced by a new one, as the documentation says. */
  'secret-rotated': {
    system: { inForty: 0.4, draw: () => ({ what: 'secret-rotated' }) },
    drillsAtMs: [8000],
    lastsMs: 40_000,
  },
  /** The disk of the workers' run store is full for a while. */
  'worker-disk-full': {
    system: { inForty: 0.6, draw: (random) => ({ what: 'worker-disk-full', forMs: random.int(2000, 6000) }) },
    drillsAtMs: [10_000],
    explains: ['store-failed'],
  },
} as const satisfies Readonly<Record<string, Fault>>;
