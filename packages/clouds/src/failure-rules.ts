import { ApiError, type ApiErrorCode } from '@gpu-clouds/core';
import type { Deletion, InstanceOrder, Vendor } from './cloud.ts';
import { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
import { credentialVariables } from './credentials.ts';

/** One way in which a vendor says no. Every condition that is given has to hold; the first row that does decides. */
export interface FailureRule {
  /** In the vendor's own words. */
  readonly text?: RegExp;
  /** The code in the vendor's answer. */
  readonly vendorCode?: string;
  readonly status?: number;
  /** What the client makes of the answer. */
  readonly code?: ApiErrorCode;
  /** Only for these operations, by operationId. */
  readonly operations?: readonly string[];
  readonly kind: CloudErrorKind;
  /** A refusal that does not rule out that an earlier request of the same kind was done. */
  readonly mayHaveTakenEffect?: true;
  /** Where it is known from. */
  readonly evidence: string;
}

/** What a failure means where no row of the vendor's says otherwise. */
const kindOfCode: Readonly<Record<ApiErrorCode, CloudErrorKind>> = {
  aborted: 'unavailable',
  authentication: 'unauthorized',
  conflict: 'conflict',
  connection: 'unavailable',
  deadline: 'unavailable',
  'invalid-option': 'invalid',
  'missing-credential': 'unauthorized',
  'not-found': 'not-found',
  'payment-required': 'funds',
  permission: 'unauthorized',
  'rate-limit': 'rate-limited',
  server: 'unavailable',
  timeout: 'unavailable',
  unreadable: 'unavailable',
  validation: 'invalid',
  'vendor-failure': 'unavailable',
};

/** Runs a call to a vendor, and turns whatever it throws into a {@link CloudError}. */
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

/** What a vendor says of a failure, in whatever form. */
export interface Failure {
  readonly operation: string;
  readonly text: string;
  readonly vendorCode?: string | undefined;
  readonly status?: number | undefined;
  readonly code?: ApiErrorCode | undefined;
}

export function ruleFor(rules: readonly FailureRule[], failure: Failure): FailureRule | undefined {
  return rules.find(
    ({ text, vendorCode, status, code, operations }) =>
      (text === undefined || text.test(failure.text)) &&
      (vendorCode === undefined || vendorCode === failure.vendorCode) &&
      (status === undefined || status === failure.status) &&
      (code === undefined || code === failure.code) &&
      (operations === undefined || operations.includes(failure.operation)),
  );
}

/** The {@link CloudError} that something thrown by a client means. */
export function cloudError(
  vendor: Vendor,
  rules: readonly FailureRule[],
  operation: string,
  error: unknown,
): CloudError {
  if (CloudError.isInstance(error)) return error;
  if (!ApiError.isInstance(error)) return unexpected(vendor, operation, error);
  const { code, status, vendorCode, requestId, retryAfter } = error;
  const failure = { operation: error.operation ?? operation, text: error.message, status, vendorCode, code };
  // The text of a failed connection is Node's, and that of a web page a proxy's: neither is the vendor's word.
  const rule = status === undefined || code === 'unreadable' ? undefined : ruleFor(rules, failure);
  const kind = rule?.kind ?? kindOfCode[code];
  const details: CloudErrorDetails = {
    ...{ kind, vendor, operation: failure.operation },
    mayHaveTakenEffect: rule?.mayHaveTakenEffect ?? error.mayHaveTakenEffect,
    ...(retryAfter !== undefined && { retryAfterMs: retryAfter }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  };
  return new CloudError(`${error.message}${adviceFor(vendor, kind, error)}`, details, { cause: error });
}

function adviceFor(vendor: Vendor, kind: CloudErrorKind, error: ApiError): string {
  if (kind !== 'unauthorized' || error.code === 'missing-credential') return '';
  return ` They come from ${credentialVariables[vendor].join(' and ')}.`;
}

/** An answer that the adapter could not make sense of. What it answered may have been done all the same. */
function unexpected(vendor: Vendor, operation: string, error: unknown): CloudError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CloudError(
    `${vendor} ${operation} was answered with something unexpected (${reason}).`,
    { kind: 'unavailable', vendor, operation, mayHaveTakenEffect: !/^(list|get)/.test(operation) },
    { cause: error },
  );
}

/** What `run` gives, or undefined when it fails in that way: what is not there need not be deleted. */
export async function without<T>(kind: CloudErrorKind, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (CloudError.isInstance(error) && error.kind === kind) return undefined;
    throw error;
  }
}

/** Whether the vendor accepted a request to delete something; one that it does not know is no failure. */
export async function deletion(run: () => Promise<unknown>): Promise<Deletion> {
  const answer = await without('not-found', async () => {
    await run();
    return { accepted: true };
  });
  return answer ?? { accepted: false };
}

/** An order that the adapter itself refuses. Nothing was sent. */
export function invalidOrder(vendor: Vendor, operation: string, message: string): CloudError {
  return new CloudError(message, { kind: 'invalid', vendor, operation, mayHaveTakenEffect: false });
}

/** Refuses a disk that the offer does not come with, where the vendor lets nobody choose its size. */
export function checkFixedStorage({ offer, storage }: InstanceOrder, operation: string): void {
  if (storage === undefined || storage <= (offer.storage ?? 0)) return;
  const has = offer.storage === undefined ? 'a disk of unknown size' : `a disk of ${offer.storage} GiB`;
  const message = `The offer ${offer.id} of ${offer.vendor} comes with ${has}, not with ${storage} GiB. Take another offer.`;
  throw invalidOrder(offer.vendor, operation, message);
}
