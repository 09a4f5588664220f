import { type Answer, ErrorResponse, retryAfter } from '../answer.ts';
import type { Clock } from '../clock.ts';
import type { Call } from '../vendor-app.ts';
import { errorAnswer } from './errors.ts';

const windowSeconds = 60;
const projectLimit = 500;
const endpointLimit = 60;
/** Limit of the lists of instances and volumes. */
const listLimit = 120;

interface Window {
  readonly ends: number;
  used: number;
}

/** Fixed windows of 60 s: 500 requests per project, 60 per method and path, 120 per list of instances or volumes. */
export class RateLimit {
  readonly #clock: Clock;
  #project: Window = { ends: 0, used: 0 };
  readonly #endpoints = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request and returns the rate limit headers. @throws ErrorResponse 429 over a limit */
  count({ method, path }: Call): Record<string, string> {
    const key = `${method} ${path}`;
    const limit = /^GET \/v1\/(instances|volumes)$/.test(key) ? listLimit : endpointLimit;
    const project = this.#window(this.#project);
    const endpoint = this.#window(this.#endpoints.get(key));
    this.#project = project;
    this.#endpoints.set(key, endpoint);
    project.used += 1;
    endpoint.used += 1;
    const headers = {
      'ratelimit-policy': `"project";q=${projectLimit};w=${windowSeconds}, "endpoint";q=${limit};w=${windowSeconds}`,
      ratelimit: `${this.#left('project', project, projectLimit)}, ${this.#left('endpoint', endpoint, limit)}`,
    };
    const wait = Math.max(this.#wait(project, projectLimit), this.#wait(endpoint, limit));
    if (wait > 0) throw new ErrorResponse(retryAfter(wait, { ...tooMany(), headers }));
    return headers;
  }

  #window(window: Window | undefined): Window {
    const now = this.#clock.now();
    return window !== undefined && now < window.ends ? window : { ends: now + windowSeconds * 1000, used: 0 };
  }

  #seconds(window: Window): number {
    return Math.max(1, Math.ceil((window.ends - this.#clock.now()) / 1000));
  }

  #wait(window: Window, limit: number): number {
    return window.used > limit ? this.#seconds(window) : 0;
  }

  #left(name: string, window: Window, limit: number): string {
    return `"${name}";r=${Math.max(0, limit - window.used)};t=${this.#seconds(window)}`;
  }
}

/** Returns a 429. */
export function tooMany(): Answer {
  return errorAnswer('rate_limit_exceeded', 'Too many requests');
}
