import { type JobFacts, searchAttributes } from '@gpu-clouds/jobs/contract';
import { upsertSearchAttributes } from '@temporalio/workflow';

/** Updates the search attributes of a run. Each update is an event in its history, so only changes are sent. */
export function indexRun(before: JobFacts, now: JobFacts): void {
  if (now.phase !== before.phase) upsertSearchAttributes([{ key: searchAttributes.phase, value: now.phase }]);
  if (now.outcome !== undefined && now.outcome !== before.outcome) {
    upsertSearchAttributes([{ key: searchAttributes.outcome, value: now.outcome }]);
  }
  const vendor = vendorOf(now);
  if (vendor !== undefined && vendor !== vendorOf(before)) {
    upsertSearchAttributes([{ key: searchAttributes.vendor, value: vendor }]);
  }
}

/** Marks the owner of an instance with an alarm, or takes the mark away. */
export function indexAlarm(alarm: 'teardownStuck' | 'accountSuspect', raised: boolean): void {
  upsertSearchAttributes([{ key: searchAttributes[alarm], value: raised ? true : null }]);
}

function vendorOf({ instances }: JobFacts): string | undefined {
  return instances.at(-1)?.offer.vendor;
}
