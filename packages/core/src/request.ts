import { apiError, type Subject } from './failure.ts';
import { formBody } from './form-body.ts';
import type { Operation } from './operation.ts';

/** How openapi-fetch is told to send a body: it knows JSON only. */
export function serialization(row: Operation, body: unknown) {
  if (row.body !== 'application/x-www-form-urlencoded' || body === undefined) return {};
  return { bodySerializer: formBody, headers: { 'Content-Type': row.body } };
}

/**
 * Refuses what would end up at another path: openapi-fetch sends `{id}` as it stands when `id` is missing, and an
 * empty `id` turns "delete this one" into a request about all of them.
 * @throws ApiError `validation`
 */
export function checkPath(subject: Subject, values: Readonly<Record<string, unknown>> = {}): void {
  for (const [, name = ''] of subject.path.matchAll(/\{([^{}]+)\}/g)) {
    const value = values[name];
    const usable = typeof value === 'number' || (typeof value === 'string' && !/^\s*\.{0,2}\s*$/.test(value));
    if (usable) continue;
    const what = `was not sent: the path parameter ${name} must be a text that is not empty`;
    throw apiError(subject, { code: 'validation', what });
  }
}
