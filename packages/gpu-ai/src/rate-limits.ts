import type { RateLimit } from '@gpu-clouds/core';

/**
 * Ten requests a second for the organisation, and bursts of twenty: hints of an early backend of the vendor, no promise of
 * its document. Five of the twenty are left for requests that travel faster than those before them.
 */
export const rateLimits: readonly RateLimit[] = [
  { name: 'organisation', quota: 10, window: 1000, burst: 15, key: ({ open }) => (open ? undefined : '') },
];
