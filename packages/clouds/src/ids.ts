import type { Vendor } from './cloud.ts';
import { CloudError } from './cloud-error.ts';

/** The operation of a vendor that an ID belongs to. */
interface IdContext {
  readonly vendor: Vendor;
  /** The operationId. */
  readonly operation: string;
}

/** A create whose answer holds the ID of what was created. */
interface Create extends IdContext {
  /** What every ID of the vendor looks like. Default: one word of at most 128 characters. */
  readonly form?: RegExp | undefined;
}

const oneWord = /^\w[\w.:-]{0,127}$/;

/**
 * Returns the ID in the answer to a create as text, which numbers become in lists too. Anything else does not identify what was created, and
 * does not show that nothing was: a sentence about an error, for example.
 * @throws {CloudError} `unavailable`, which lets the caller search for the name
 */
export function createdId(id: unknown, { vendor, operation, form = oneWord }: Create): string {
  if (typeof id === 'string' && form.test(id)) return id;
  // A larger number is not exactly the one that was sent, and zero is no ID.
  if (Number.isSafeInteger(id) && Number(id) > 0) return String(id);
  throw new CloudError(`${vendor} ${operation} was accepted, but its answer has no ID. Search the list for the name.`, {
    kind: 'unavailable',
    vendor,
    operation,
    mayHaveTakenEffect: true,
  });
}

/** Returns the ID of a row as text. Empty if it has none: what cannot be named is listed all the same. */
export function listedId(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

/**
 * Returns an ID that a request will name. The clients refuse an empty one in a path. In a body, it would be sent, and what a vendor makes of it
 * is unknown.
 * @throws {CloudError} `invalid`. Nothing was sent.
 */
export function requiredId(id: unknown, { vendor, operation }: IdContext): string {
  if (typeof id === 'string' && id.trim() !== '') return id;
  throw new CloudError(`${vendor} ${operation} was not sent: the ID must be a non-empty string.`, {
    kind: 'invalid',
    vendor,
    operation,
    mayHaveTakenEffect: false,
  });
}
