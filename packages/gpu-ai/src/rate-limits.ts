import type { RateLimit } from '@gpu-clouds/core';

/**
 * Ten requests a second for the organization, with bursts of twenty. The source is an early backend of the vendor; the
 * document states no limits. Five of the twenty are kept free for requests that overtake earlier ones on the network.
 */
export const rateLimits: readonly RateLimit[] = [
  { name: 'organisation', quota: 10, windowMs: 1000, burst: 15, key: ({ open }) => (open ? undefined : '') },
];
