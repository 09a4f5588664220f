import { largeGpuMemory } from './job-of-run.ts';
import type { BilledItem } from './over-cap.ts';
import { hasFeature } from './plan.ts';
import type { RunRecord } from './run-record.ts';

/** Each vendor has more instances than this with one GPU of {@link largeGpuMemory} or more, and more with a smaller one. */
const certainStock = 3;

/**
 * Returns how the first instance of a run with alternatives is not of the one that its job prefers, or undefined. It may be of the other one
 * after a failure of each vendor, or if other instances may have used up the stock.
 * @param all All instances of the ledger.
 */
export function wrongChoice(
  { plan, applied, failures }: RunRecord,
  items: readonly BilledItem[],
  all: readonly BilledItem[],
): string | undefined {
  if (!hasFeature(plan, 'alternatives') || plan.constraints !== undefined) return undefined;
  if (applied.has('reset') || failures === undefined) return undefined;
  const [first] = items.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const wantsLarge = !hasFeature(plan, 'prefers-price');
  const isLarge = first && hasLargeGpu(first);
  if (first === undefined || isLarge === undefined || isLarge === wantsLarge) return undefined;
  const at = Date.parse(first.createdAt);
  const ignored = plan.vendors.find((vendor) => {
    const used = all.filter((one) => one.vendor === vendor && hasLargeGpu(one) === wantsLarge && existed(one, at));
    return used.length <= certainStock && !failures.some((one) => one.vendor === vendor && Date.parse(one.at) <= at);
  });
  return ignored && `it rented ${first.name} first, although ${ignored} had one that its job prefers`;
}

function hasLargeGpu(item: BilledItem): boolean | undefined {
  if (!('hardware' in item) || item.hardware === undefined) return undefined;
  return item.hardware.gpuMemory >= largeGpuMemory;
}

function existed({ createdAt, goneAt }: BilledItem, at: number): boolean {
  return Date.parse(createdAt) < at && (goneAt === undefined || Date.parse(goneAt) >= at);
}
