import { ApiError } from './api-error.ts';
import type { OperationTable } from './operation.ts';
import { redact } from './redact.ts';
import { operationOf } from './validate-route.ts';
import { type AnswerSchemas, check, type DriftDetail, type DriftIssue } from './validate-schema.ts';

export type { AnswerSchema, AnswerSchemas, DriftDetail, DriftIssue } from './validate-schema.ts';

/** One answer that is not as the patched document says. */
export interface Drift {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** The operationId. */
  readonly operation: string;
  /** HTTP method, in capitals. */
  readonly method: string;
  /** Path template. */
  readonly path: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** At least one. */
  readonly issues: readonly DriftIssue[];
}

/** Sends one HTTP request: a client's `fetch` option. */
export type Fetch = (request: Request) => Promise<Response>;

/** Options of a vendor's `validated`. */
export interface ValidateOptions extends DriftDetail {
  /**
   * Told of each answer that drifted; the call goes on as if nothing were. Left out, the call rejects with an `ApiError`
   * of code `unreadable`, whose `body` holds the answer: for tests, since a write has been done by then.
   */
  readonly onDrift?: ((drift: Drift) => void) | undefined;
}

/** What a vendor's package knows of its answers. */
export interface AnswerCheck {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** By which a request is told which operation it is. */
  readonly operations: OperationTable;
  /** What answers have to be like. */
  readonly answers: AnswerSchemas;
  /** Reads an answer that is not what the document says in ways that the client lives with. Default: `JSON.parse`. */
  readonly parse?: (text: string) => unknown;
}

/**
 * A `fetch` that holds every answer against the vendor's patched document before the client sees it. Fields and values
 * that the document does not know yet are no drift, unless asked for.
 */
export function validatedFetch(fetch: Fetch | undefined, options: ValidateOptions, vendor: AnswerCheck): Fetch {
  return async (request) => {
    const { method, url } = request;
    const response = await (fetch ?? globalThis.fetch)(request);
    const found = operationOf(vendor.operations, method, new URL(url).pathname);
    // Reading the copy fails as reading the answer will, which the client reports.
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
    const known = Object.keys(answers).filter((key) => key.startsWith('2'));
    const message = `answered ${status}; the document has ${known.join(', ')}`;
    return success ? [{ kind: 'status', path: '', message } as const] : [];
  }
  if (schema === null) return [];
  const value = readValue(text, vendor.parse);
  // What answers for a vendor that is down, a gateway, says nothing of the vendor.
  if (!success && (typeof value !== 'object' || value === null)) return [];
  return check(schema, value, '', { ...detail, schemas });
}

/** Null for nothing, and the text itself where it is not JSON: some vendors send bare ids. */
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
    ...{ code: 'unreadable', vendor, operation, method, path, status, attempts: 1 },
    ...{ mayHaveTakenEffect: method !== 'GET', body: redact(readValue(text)) },
  });
}
