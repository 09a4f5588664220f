import { ApiError } from './api-error.ts';
import type { OperationTable } from './operation.ts';
import { redact } from './redact.ts';
import { operationOf } from './validate-route.ts';
import { type AnswerSchemas, check, type DriftDetail, type DriftIssue } from './validate-schema.ts';

export type { AnswerSchema, AnswerSchemas, DriftDetail, DriftIssue } from './validate-schema.ts';

/** A response that differs from the patched document. */
export interface Drift {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** The operationId. */
  readonly operation: string;
  /** HTTP method, in capitals. */
  readonly method: string;
  /** Path template. */
  readonly path: string;
  /** HTTP status of the response. */
  readonly status: number;
  /** The differences. At least one. */
  readonly issues: readonly DriftIssue[];
}

/** Sends one HTTP request: a client's `fetch` option. */
export type Fetch = (request: Request) => Promise<Response>;

/** Options of a vendor's `validated`. */
export interface ValidateOptions extends DriftDetail {
  /**
   * Called for each response that differs. The call continues. Without it, the call rejects with an `ApiError` of code
   * `unreadable` whose `body` holds the response. That is for tests: a write has been done by then.
   */
  readonly onDrift?: ((drift: Drift) => void) | undefined;
}

/** What a vendor's package knows about its responses. */
export interface AnswerCheck {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** Matches a request to its operation. */
  readonly operations: OperationTable;
  /** The schemas of the responses. */
  readonly answers: AnswerSchemas;
  /** Parses a response that differs from the document in ways that the client accepts. Default: `JSON.parse`. */
  readonly parse?: ((text: string) => unknown) | undefined;
}

/**
 * Returns a `fetch` that checks every response against the vendor's patched document. Fields and values that are not in the
 * document are not reported by default.
 */
export function validatedFetch(fetch: Fetch | undefined, options: ValidateOptions, vendor: AnswerCheck): Fetch {
  return async (request) => {
    const { method, url } = request;
    const response = await (fetch ?? globalThis.fetch)(request);
    const found = operationOf(vendor.operations, method, new URL(url).pathname);
    // If reading the copy fails, reading the response fails too, and the client reports it.
    const text =
      found &&
      (await response
        .clone()
        .text()
        .catch(() => undefined));
    if (!found || text === undefined) return response;
    const [operation, { path }] = found;
    const issues = issuesOf(vendor, operation, response.status, text, options);
    if (issues.length > 0) {
      const drift = { vendor: vendor.vendor, operation, method, path, status: response.status, issues };
      if (!options.onDrift) throw errorOf(drift, text);
      options.onDrift(drift);
    }
    return response;
  };
}

function issuesOf(vendor: AnswerCheck, operation: string, status: number, text: string, detail: DriftDetail) {
  const { operations, schemas } = vendor.answers;
  const answers = operations[operation] ?? {};
  const success = status >= 200 && status < 300;
  const keys = [`${status}`, `${Math.floor(status / 100)}XX`, ...(success ? [] : ['default'])];
  const schema = keys.map((key) => answers[key]).find((each) => each !== undefined);
  if (schema === undefined) {
    // The write is done, and without a body nothing can be misread.
    if (success && text.trim() === '' && vendor.operations[operation]?.method !== 'GET') return [];
    const known = Object.keys(answers).filter((key) => key.startsWith('2'));
    const message = `answered ${status}; the document has ${known.join(', ')}`;
    return success ? [{ kind: 'status', path: '', message } as const] : [];
  }
  if (schema === null) return [];
  const value = readValue(text, vendor.parse);
  // A gateway that answers for a vendor that is down says nothing about the vendor.
  if (!success && (typeof value !== 'object' || value === null)) return [];
  return check(schema, value, '', { ...detail, schemas });
}

/** Returns the parsed text, null when it is empty, or the text itself when it is not JSON: some vendors send bare ids. */
function readValue(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  if (text.trim() === '') return null;
  try {
    return parse(text);
  } catch {
    return text.trim();
  }
}

function errorOf({ vendor, operation, method, path, status, issues }: Drift, text: string): ApiError {
  const [first] = issues;
  const more = issues.length > 1 ? ` and ${issues.length - 1} more` : '';
  const what = `${vendor} ${operation} (${method} ${path}) was answered ${status}, not as documented: ${first?.path || 'the answer'} ${first?.message}${more}.`;
  return new ApiError(what, {
    code: 'unreadable',
    vendor,
    operation,
    method,
    path,
    status,
    attempts: 1,
    mayHaveTakenEffect: method !== 'GET',
    body: redact(readValue(text)),
  });
}
