import type { Fault, Moment } from './fault.ts';

const anywhere = ['ended', 'started', 'rented', 'rented', 'running', 'running'] as const satisfies readonly Moment[];
const onInstance = ['rented', 'running'] as const satisfies readonly Moment[];

/** Faults of single runs: what users do, and what happens to an instance. */
export const runFaults = {
  /** A user cancels runs. */
  cancel: {
    run: { share: 0.12, at: anywhere, draw: () => ({ do: 'cancel' }), endsRun: true },
    explains: ['cancelled'],
  },
  /** A user terminates runs. */
  terminate: {
    run: { share: 0.1, at: anywhere, draw: () => ({ do: 'terminate' }), endsRun: true },
    explains: ['terminated'],
  },
  /** The workflow that owns an instance is terminated. */
  'terminate-owner': {
    run: { share: 0.04, at: onInstance, draw: () => ({ do: 'terminate-owner' }), endsRun: true },
    explains: ['stopped'],
  },
  /** A run is reset to its beginning. */
  reset: { run: { share: 0.04, at: anywhere, draw: () => ({ do: 'reset' }), endsRun: true } },
  'ssh-refuses': {
    system: {
      inForty: 2,
      draw: (random, vendor) => ({
        what: 'vendor',
        rules: [
          {
            kind: 'ssh-refuses',
            vendor,
            seconds: random.chance(0.7) ? random.int(3, 10) : undefined,
          },
        ],
      }),
    },
    run: {
      share: 0.1,
      at: ['rented', 'running', 'ended'],
      draw: (random) => ({
        do: 'instance-fault',
        rule: { kind: 'ssh-refuses', seconds: random.chance(0.25) ? undefined : random.int(2, 8) },
      }),
    },
    costsOffers: true,
  },
  'ssh-drop': {
    system: {
      inForty: 2,
      draw: (random, vendor) => ({
        what: 'vendor',
        rules: [{ kind: 'ssh-drop', vendor, seconds: random.int(0, 3) }],
      }),
    },
    run: { share: 0.15, at: ['running'], draw: () => ({ do: 'instance-fault', rule: { kind: 'ssh-drop' } }) },
    costsOffers: true,
  },
  preempt: {
    system: {
      inForty: 2,
      draw: (random, vendor) => ({
        what: 'vendor',
        rules: [{ kind: 'preempt', vendor, seconds: random.int(0, 6) }],
      }),
    },
    run: { share: 0.12, at: onInstance, draw: () => ({ do: 'instance-fault', rule: { kind: 'preempt' } }) },
    costsOffers: true,
  },
  /** The vendor changes the price of an instance, to a twentieth or to twenty times as much. */
  'price-change': {
    run: {
      share: 0.08,
      at: onInstance,
      draw: (random) => ({ do: 'instance-fault', rule: { kind: 'reprice', factor: random.pick([0.05, 20, 20]) } }),
    },
    // Less time is left of the cap.
    explains: ['cap-reached'],
  },
  /** An instance is renamed in the vendor's console. */
  renamed: { run: { share: 0.06, at: onInstance, draw: () => ({ do: 'instance-fault', rule: { kind: 'rename' } }) } },
  /** An instance restarts. */
  reboot: {
    run: { share: 0.05, at: ['running'], draw: () => ({ do: 'instance-fault', rule: { kind: 'reboot' } }) },
    explains: ['vanished', 'instance-refused'],
    costsOffers: true,
  },
  /** Another instance has the name of an existing one, or of one that is gone. */
  'name-reused': {
    run: {
      share: 0.06,
      at: ['ended', 'running'],
      draw: (random) => ({ do: 'instance-fault', rule: { kind: 'duplicate', seconds: random.int(0, 15) } }),
    },
  },
  /** The disk of an instance is full. */
  'instance-disk-full': {
    run: {
      share: 0.04,
      at: ['running', 'rented'],
      draw: () => ({ do: 'instance-fault', rule: { kind: 'disk-full' } }),
    },
    explains: ['instance-refused', 'missing-output'],
  },
} as const satisfies Readonly<Record<string, Fault>>;
