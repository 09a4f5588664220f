import type { RateLimit } from '@gpu-clouds/core';

/** The documented rate limits (published.json: info, "Rate Limits", and its changelog of 2026-03-11). */
export const rateLimits: readonly RateLimit[] = [
  { name: 'project', quota: 500, windowMs: 60_000, key: ({ open }) => (open ? undefined : '') },
  {
    name: 'endpoint',
    quota: ({ method, path }) => (method === 'GET' && /\/v1\/(instances|volumes)$/.test(path) ? 120 : 60),
    windowMs: 60_000,
    key: ({ open, method, path }) => (open ? undefined : `${method} ${path}`),
  },
];
