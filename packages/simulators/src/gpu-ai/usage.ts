import type { Answer } from '../answer.ts';
import type { World } from '../world.ts';
import type { Instances } from './instances.ts';
import { page } from './pages.ts';

const hourMs = 3_600_000;
const bucketHours: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 168, month: 720 };

interface Bucket {
  readonly bucket_start: string;
  readonly gpu_type: string | null;
  readonly instance_id: string | null;
  gpu_seconds: number;
  cost_cents: number;
}

/** Returns GPU seconds and cost in time buckets. */
export function listUsage(world: World, instances: Instances, query: URLSearchParams): Answer {
  const size = (bucketHours[query.get('bucket') ?? 'day'] ?? 24) * hourMs;
  const now = world.clock.now();
  const from = Date.parse(query.get('start') ?? '') || 0;
  const to = Date.parse(query.get('end') ?? '') || now;
  const buckets = new Map<string, Bucket>();
  for (const instance of instances.store.all()) {
    const start = Math.max(instance.createdAt, from);
    const end = Math.min(instance.goneAt ?? now, to);
    if (end <= start) continue;
    const instance_id = query.get('group_by') === 'instance_id' ? instance.id : null;
    const gpu_type = query.get('group_by') === 'gpu_type' ? instance.detail.type.name : null;
    for (let at = Math.floor(start / size) * size; at < end; at += size) {
      const seconds = (Math.min(end, at + size) - Math.max(start, at)) / 1000;
      const key = `${at}/${instance_id}/${gpu_type}`;
      const bucket_start = new Date(at).toISOString();
      const bucket = buckets.get(key) ?? { bucket_start, gpu_seconds: 0, cost_cents: 0, gpu_type, instance_id };
      bucket.gpu_seconds += Math.round(seconds * instance.detail.count);
      bucket.cost_cents += Math.round((seconds / 3600) * instance.pricePerHour * 100);
      buckets.set(key, bucket);
    }
  }
  return page([...buckets.values()], query);
}
