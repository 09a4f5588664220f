import type { LeaseRecord, RunRecord } from './run-record.ts';

/**
 * Returns why a lease should not have ended as it did, or undefined when it should.
 * @param costsOffers Whether a fault can end an instance.
 */
export function wrongLease({ end, released, applied }: LeaseRecord, costsOffers: boolean): string | undefined {
  if (end === undefined) return 'it never ended';
  if (end === 'released') return released ? undefined : 'it was released, but not by its owner';
  if (end === 'terminated') return applied.has('terminate-owner') ? undefined : 'nobody terminated it';
  return costsOffers && end !== 'cap-reached' ? undefined : `it ended as "${end}", which no fault explains`;
}

/** Returns how a run on a lease used what it must not: an instance of its own, or GPUs that another run had. */
export function wrongUse(run: RunRecord, rented: number, runs: readonly RunRecord[]): string | undefined {
  if (run.lease === undefined) return undefined;
  if (rented > 0) return `it rented ${rented} instances, although it ran on a lease`;
  const others = runs.filter((other) => other !== run).flatMap(usesOf);
  const shared = usesOf(run).find((use) =>
    others.some(
      ({ instance, gpus, from, to = from }) =>
        instance === use.instance && use.from >= from && use.from <= to && gpus.some((gpu) => use.gpus.includes(gpu)),
    ),
  );
  return shared && `it had the GPUs ${shared.gpus.join(', ')} of ${shared.instance} while another run had them`;
}

const usesOf = ({ evidence }: RunRecord) => evidence.uses ?? [];
