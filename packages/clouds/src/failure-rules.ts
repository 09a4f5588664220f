import { ApiError, type ApiErrorCode } from '@gpu-clouds/core';
import type { Vendor } from './cloud.ts';
import { CloudError, type CloudErrorDetails, type CloudErrorKind } from './cloud-error.ts';
import { credentialVariables } from './credentials.ts';

/** One way in which a vendor says no. Every condition that is given has to hold; the first row that does decides. */
export interface FailureRule {
  /** In the vendor's own words. */
  readonly text?: RegExp;
  /** The code in the vendor's answer. */
  readonly vendorCode?: string;
  readonly status?: number;
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
}

export function ruleFor(rules: readonly FailureRule[], failure: Failure): FailureRule | undefined {
  return rules.find(
    ({ text, vendorCode, status, operations }) =>
      (text === undefined || text.test(failure.text)) &&
      (vendorCode === undefined || vendorCode === failure.vendorCode) &&
      (status === undefined || status === failure.status) &&
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
  const { status, vendorCode, requestId, retryAfter } = error;
  const failure = { operation: error.operation ?? operation, text: error.message, status, vendorCode };
  // Only an answer is in the vendor's words; the text of a failed connection is Node's.
  const rule = status === undefined ? undefined : ruleFor(rules, failure);
  const kind = rule?.kind ?? kindOfCode[error.code];
  const details: CloudErrorDetails = {
    ...{ kind, vendor, operation: failure.operation },
    mayHaveTakenEffect: mayHaveTakenEffect(error, rule),
    ...(retryAfter !== undefined && { retryAfterMs: retryAfter }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  };
  return new CloudError(`${error.message}${adviceFor(vendor, kind, error)}`, details, { cause: error });
}

/** A refusal in words that are known is no accident: what was asked once, and refused so, was not done. */
function mayHaveTakenEffect(error: ApiError, rule: FailureRule | undefined): boolean {
  if (rule?.mayHaveTakenEffect) return true;
  return error.mayHaveTakenEffect && !(rule !== undefined && error.attempts === 1);
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

/** An order that the adapter itself refuses. Nothing was sent. */
export function invalidOrder(vendor: Vendor, operation: string, message: string): CloudError {
  return new CloudError(message, { kind: 'invalid', vendor, operation, mayHaveTakenEffect: false });
}
