import type { LimitedRequest, RateLimit } from '../rate-limiter.ts';

export const minute = 60_000;
export const never = new AbortController().signal;
export const request = (path = '/a', method = 'GET'): LimitedRequest => ({ method, path, open: false });
export const project: RateLimit = { name: 'project', quota: 500, windowMs: minute, key: () => '' };
export const endpoint: RateLimit = {
  name: 'endpoint',
  quota: 60,
  windowMs: minute,
  key: ({ method, path }) => `${method} ${path}`,
};
