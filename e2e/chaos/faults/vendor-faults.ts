import { type FaultRule, type OperationIds, type Vendor, writes } from '@gpu-clouds/simulators';
import type { SeededRandom } from '../seeded-random.ts';
import type { Fault } from './fault.ts';

/** Returns the operations that create or delete resources. The one that creates an instance is drawn twice as often as others. */
function writesOf(vendor: Vendor): readonly [OperationIds[Vendor], ...OperationIds[Vendor][]] {
  const [create, ...others]: readonly OperationIds[Vendor][] = writes[vendor];
  if (create === undefined) throw new Error(`The simulator of ${vendor} names no operation that creates an instance.`);
  return [create, create, ...others];
}

/** In a drill, strikes from when instances run until they are gone. */
const whileRunning = [6000, 10_000, 14_000, 18_000, 22_000];

/** In a drill, draws several operations, so that a create is among them. */
const severalDraws = [0, 10, 20, 30, 40];

/** Declares a fault of the vendors: each time, one vendor gets the rules. */
function vendor(
  inForty: number,
  rules: (random: SeededRandom, vendor: Vendor) => readonly FaultRule[],
  options: Pick<Fault, 'costsOffers' | 'lastsMs' | 'drillsAtMs' | 'explains'> = { costsOffers: true },
): Fault {
  const draw = (random: SeededRandom, vendor: Vendor) => ({ what: 'vendor', rules: rules(random, vendor) }) as const;
  return { system: { inForty, draw }, ...options };
}

/** Half of the faults strike any operation, the others one that creates or deletes. */
function anyOrWrite(random: SeededRandom, vendor: Vendor): OperationIds[Vendor] | undefined {
  const write = random.pick(writesOf(vendor));
  return random.chance(0.5) ? write : undefined;
}

/** Faults of the vendors' APIs. */
export const vendorFaults = {
  /** HTTP 500, 502, and 503, and dropped connections. */
  'vendor-errors': vendor(
    8,
    (random, vendor) => [
      {
        kind: random.pick(['http-500', 'http-502', 'http-503', 'refuse']),
        vendor,
        count: random.int(1, 6),
        operation: anyOrWrite(random, vendor),
      },
    ],
    { costsOffers: true, drillsAtMs: whileRunning },
  ),
  'rate-limit': vendor(
    4,
    (random, vendor) => [{ kind: 'rate-limit', vendor, count: random.int(1, 4), seconds: random.int(1, 3) }],
    { costsOffers: 'with-others' },
  ),
  latency: vendor(
    4,
    (random, vendor) => [
      {
        kind: 'latency',
        vendor,
        count: random.int(1, 5),
        seconds: random.int(1, 6),
        operation: anyOrWrite(random, vendor),
      },
    ],
    { costsOffers: 'with-others' },
  ),
  /** A create or delete takes effect, but its response is lost. */
  'lost-response': vendor(
    10,
    (random, vendor) => [
      { kind: 'lost-response', vendor, operation: random.pick(writesOf(vendor)), count: random.int(1, 2) },
    ],
    { costsOffers: true, drillsAtMs: severalDraws },
  ),
  /** Shorter than the time for which the workers poll for the result of a create. */
  'list-lag': vendor(
    6,
    (random, vendor) => [
      { kind: 'list-lag', vendor, seconds: random.int(1, 4) },
      { kind: 'lost-response', vendor, operation: writesOf(vendor)[0], count: random.int(0, 1) },
    ],
    { drillsAtMs: severalDraws },
  ),
  'out-of-capacity': vendor(4, (_, vendor) => [{ kind: 'out-of-capacity', vendor }]),
  'accepted-then-failed': vendor(3, (_, vendor) => [{ kind: 'accepted-then-failed', vendor }]),
  /** Verda refuses to delete an instance while it is provisioning. Provisioning may fail before or after the workers give up. */
  'never-boots': vendor(
    2,
    (random, vendor) => [{ kind: 'never-boots', vendor, seconds: vendor === 'verda' ? random.int(20, 60) : undefined }],
    { costsOffers: true, lastsMs: 60_000 },
  ),
  /** A `Retry-After` of a day, of 30 years, or one that is not a number of seconds at all. */
  'retry-after': vendor(
    3,
    (random, vendor) => [
      { kind: 'rate-limit', vendor, count: random.int(1, 2), seconds: random.pick([86_400, 1e9, 1e300]) },
    ],
    { costsOffers: true, drillsAtMs: whileRunning },
  ),
  /** The list of instances is empty, shows another account, or omits new instances, and instances are unknown. */
  'wrong-answers': vendor(
    4,
    (random, vendor) => [
      { kind: random.pick(['empty-list', 'other-account', 'stale-page']), vendor, seconds: random.int(2, 6) },
      { kind: 'not-found', vendor, count: random.int(0, 2) },
    ],
    { costsOffers: true, drillsAtMs: whileRunning },
  ),
  /** An answer that is small on the wire and huge in memory. */
  'huge-answers': vendor(2, (_, vendor) => [{ kind: 'huge', vendor }], { costsOffers: true, drillsAtMs: whileRunning }),
  /** Answers that are slow, cut in half, HTML, or redirected elsewhere. */
  'odd-answers': vendor(
    6,
    (random, vendor) => [
      {
        kind: random.pick(['slow', 'truncated', 'html', 'redirect']),
        vendor,
        count: random.int(1, 3),
        operation: anyOrWrite(random, vendor),
      },
    ],
    { costsOffers: 'with-others' },
  ),
  /** The credentials are refused for a few requests, as while they are being replaced. */
  'credentials-rotated': vendor(2, (random, vendor) => [{ kind: 'unauthorized', vendor, count: random.int(1, 6) }], {
    costsOffers: true,
    drillsAtMs: whileRunning,
  }),
  /** A second instance with the same name appears after a create. */
  'late-second': vendor(3, (random, vendor) => [{ kind: 'duplicate', vendor, seconds: random.int(1, 20) }], {}),
  /** Start-up files of the shell print something. */
  'shell-noise': vendor(6, (_, vendor) => [{ kind: 'shell-noise', vendor }], {}),
  /** The instance has fewer GPUs than were ordered. */
  'gpu-missing': vendor(3, (_, vendor) => [{ kind: 'gpu-missing', vendor }]),
  /** The first question to the instance is answered without end. */
  'gpu-floods': vendor(2, (_, vendor) => [{ kind: 'gpu-floods', vendor }], {
    costsOffers: true,
    explains: ['instance-refused'],
  }),
  'delete-fails': vendor(4, (random, vendor) => [{ kind: 'delete-fails', vendor, count: random.int(1, 8) }], {}),
} as const satisfies Readonly<Record<string, Fault>>;
