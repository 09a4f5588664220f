import type { RateLimit } from '@gpu-clouds/core';

/**
 * About one request a second is what the vendor asks for. Taken as an average: the few calls that make or end a machine
 * do not wait for each other.
 */
export const rateLimits: readonly RateLimit[] = [{ name: 'all', quota: 1, window: 1000, burst: 10, key: () => '' }];
