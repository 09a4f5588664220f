import type { RateLimit } from '@gpu-clouds/core';

/** The vendor asks for about one request a second. This is an average: bursts of ten let a few deploys and deletes go at once. */
export const rateLimits: readonly RateLimit[] = [{ name: 'all', quota: 1, windowMs: 1000, burst: 10, key: () => '' }];
