import { ApiError, type ApiErrorCode } from '@gpu-clouds/core';
import type { Deletion, InstanceOrder, Vendor } from './cloud.ts';
import { CloudError, type CloudErrorKind } from './cloud-error.ts';
import { credentialVariables } from './credentials.ts';

/** Where a rule is known from. */
export interface Evidence {
  /** S: the published document. A: the vendor's own code or docs. B: two or more public clients. C: one client, or an inference. */
  readonly grade: 'S' | 'A' | 'B' | 'C';
  /**
   * S: `published "<text>"`, a text that the published document contains. Otherwise `<owner>/<repository>[@ref]: <path>`, with
   * several separated by `; `, or `inference: <reason>`.
   */
  readonly source: string;
}

/** What one kind of refusal of a vendor means. All given conditions must hold. The first rule that matches decides. */
export interface FailureRule {
  /** Matches the vendor's own words (`ApiError.vendorMessage`; an empty string when there are none). Never our sentence. */
  readonly message?: RegExp | undefined;
  /** The code in the vendor's response. */
  readonly vendorCode?: string | undefined;
  /** HTTP status. */
  readonly status?: number | undefined;
  /** Only for these operations, by operationId. */
  readonly operations?: readonly string[] | undefined;
  readonly kind: CloudErrorKind;
  /** A refusal that does not rule out that an earlier, equal request was done. */
  readonly mayHaveTakenEffect?: true | undefined;
  readonly evidence: Evidence;
}

/**
 * What an `ApiErrorCode` means as a `CloudErrorKind` when no rule of the vendor matches. The words are the same where the
 * meaning is: `conflict`, `funds`, `invalid`, `not-found`, `rate-limited`. The codes are finer in two places. Wrong (401),
 * insufficient (403), and missing credentials need different actions but are all `unauthorized`. Failures to get a valid
 * response differ in cause but are all `unavailable`.
 */
const kindOfCode: Readonly<Record<ApiErrorCode, CloudErrorKind>> = {
  aborted: 'unavailable',
  authentication: 'unauthorized',
  conflict: 'conflict',
  connection: 'unavailable',
  deadline: 'unavailable',
  funds: 'funds',
  invalid: 'invalid',
  'invalid-option': 'invalid',
  'missing-credential': 'unauthorized',
  'not-found': 'not-found',
  permission: 'unauthorized',
  'rate-limited': 'rate-limited',
  server: 'unavailable',
  timeout: 'unavailable',
  unreadable: 'unavailable',
  'vendor-failure': 'unavailable',
};

/** Runs a call to a vendor, and turns every error into a {@link CloudError}. */
export type Attempt = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

export function attemptsOf(vendor: Vendor, rules: readonly FailureRule[]): Attempt {
  return async (operation, run) => {
    try {
      return await run();
    } catch (error) {
      throw cloudError(vendor, rules, operation, error);
    }
  };
}

/** A failure in the vendor's own words. */
export interface Failure {
  readonly operation: string;
  /** The vendor's message, if there is one. */
  readonly message?: string | undefined;
  readonly vendorCode?: string | undefined;
  readonly status?: number | undefined;
}

/** Returns the first rule that matches a failure. */
export function ruleFor(rules: readonly FailureRule[], failure: Failure): FailureRule | undefined {
  return rules.find(
    ({ message, vendorCode, status, operations }) =>
      (message === undefined || message.test(failure.message ?? '')) &&
      (vendorCode === undefined || vendorCode === failure.vendorCode) &&
      (status === undefined || status === failure.status) &&
      (operations === undefined || operations.includes(failure.operation)),
  );
}

/** Returns the {@link CloudError} of an error that a client threw. */
export function cloudError(
  vendor: Vendor,
  rules: readonly FailureRule[],
  operation: string,
  error: unknown,
): CloudError {
  if (CloudError.isInstance(error)) return error;
  if (!ApiError.isInstance(error)) return unexpected(vendor, operation, error);
  const { code, status, vendorCode, vendorMessage, requestId, retryAfterMs } = error;
  const failure = { operation: error.operation ?? operation, message: vendorMessage, vendorCode, status };
  // A failed connection has no words of the vendor, and an unreadable response may be a proxy's.
  const rule = status === undefined || code === 'unreadable' ? undefined : ruleFor(rules, failure);
  const kind = rule?.kind ?? kindOfCode[code];
  return new CloudError(
    `${error.message}${adviceFor(vendor, kind, error)}`,
    {
      kind,
      vendor,
      operation: failure.operation,
      mayHaveTakenEffect: rule?.mayHaveTakenEffect ?? error.mayHaveTakenEffect,
      retryAfterMs,
      status,
      requestId,
    },
    { cause: error },
  );
}

function adviceFor(vendor: Vendor, kind: CloudErrorKind, error: ApiError): string {
  if (kind !== 'unauthorized' || error.code === 'missing-credential') return '';
  return ` The credentials come from ${credentialVariables[vendor].join(' and ')}.`;
}

/** Returns the error of a response that the adapter could not read. A write may have been done all the same. */
function unexpected(vendor: Vendor, operation: string, error: unknown): CloudError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CloudError(
    `${vendor} ${operation} returned an unexpected response (${reason}).`,
    { kind: 'unavailable', vendor, operation, mayHaveTakenEffect: !/^(list|get)/.test(operation) },
    { cause: error },
  );
}

/** Runs a call and returns undefined when it fails with the given kind: what does not exist need not be deleted. */
export async function without<T>(kind: CloudErrorKind, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (CloudError.isInstance(error) && error.kind === kind) return undefined;
    throw error;
  }
}

/**
 * Returns whether the vendor accepted a request to delete something. One that it does not know is no failure.
 * @param accepts Whether a successful answer says that this was accepted: a failure can have a good status too. Default: it has no `error`.
 */
export async function deletion<Answer>(
  run: () => Promise<Answer>,
  accepts: (answer: Answer) => boolean = hasNoError,
): Promise<Deletion> {
  const answered = await without('not-found', async () => ({ accepted: accepts(await run()) }));
  return answered ?? { accepted: false };
}

function hasNoError(answer: unknown): boolean {
  return !Object(answer).error;
}

/** Returns the error of an order that the adapter itself refuses. Nothing was sent. */
export function invalidOrder(vendor: Vendor, operation: string, message: string): CloudError {
  return new CloudError(message, { kind: 'invalid', vendor, operation, mayHaveTakenEffect: false });
}

/** Refuses an order for a larger disk than the offer has, for vendors without a choice of disk size. @throws {CloudError} `invalid` */
export function checkFixedStorage({ offer, storage }: InstanceOrder, operation: string): void {
  if (storage === undefined || storage <= (offer.storage ?? 0)) return;
  const has = offer.storage === undefined ? 'a disk of unknown size' : `a disk of ${offer.storage} GiB`;
  const message = `The offer ${offer.id} of ${offer.vendor} has ${has}, not ${storage} GiB. Choose another offer.`;
  throw invalidOrder(offer.vendor, operation, message);
}
