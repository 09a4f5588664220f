import type { HookedCall, Hooks } from './hooks.ts';

/** One line of a log. Nothing in it is secret. */
export interface LogEntry {
  /** `debug` for what goes well, `warn` for what will be tried again, `error` for what failed. */
  readonly level: 'debug' | 'warn' | 'error';
  /** Begins with vendor and operation: `verda getInstance (GET /v1/instances/{instance_id})`. */
  readonly message: string;
  /** What there is to know of it, redacted. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Options of `logHooks`. */
export interface LogOptions {
  /** Also shows what is sent and what a failure answered, without what goes by the name of a secret. Default: false. */
  readonly bodies?: boolean;
  /** Names of query parameters whose values may be shown besides those that are known to be harmless. */
  readonly query?: readonly string[];
}

/**
 * Hooks that log: `createVerda({ hooks: logHooks(({ level, message, fields }) => console[level](message, fields)) })`.
 * Of an answer's headers, and of the query that the caller gave, the values are shown that are known to be harmless.
 */
export function logHooks(write: (entry: LogEntry) => void, { bodies = false, query = [] }: LogOptions = {}): Hooks {
  const harmless = new Set([...harmlessQuery, ...query]);
  const log = (level: LogEntry['level'], call: HookedCall, what: string, fields: LogEntry['fields'] = {}) =>
    write({ level, message: `${call.vendor} ${call.operation} (${call.method} ${call.path}) ${what}`, fields });
  return {
    onRequest({ call, attempt }) {
      log('debug', call, `is sent, attempt ${attempt}`, asked(call, bodies, harmless));
    },
    onResponse({ call, status, milliseconds, header }) {
      const headers = Object.fromEntries(
        harmlessHeaders.flatMap((name) => [[name, header(name)]].filter(([, value]) => value)),
      );
      log('debug', call, `was answered ${status} in ${milliseconds} ms`, { status, milliseconds, headers });
    },
    onNoResponse({ call, code, milliseconds }) {
      log('warn', call, `got no answer in ${milliseconds} ms (${code})`, { code, milliseconds });
    },
    onRetry({ call, attempt, delay }) {
      log('warn', call, `is tried again in ${Math.ceil(delay)} ms, after attempt ${attempt}`, { attempt, delay });
    },
    onError({ call, error, milliseconds }) {
      const { name: _, message, body, ...details } = error.toJSON();
      write({
        level: 'error',
        message,
        fields: { ...asked(call, false, harmless), ...details, ...(bodies && { body }), milliseconds },
      });
    },
  };
}

/** Headers of answers that hold no secret. */
const harmlessHeaders = [
  ...['content-type', 'date', 'retry-after', 'retry-after-ms', 'ratelimit', 'ratelimit-policy', 'x-total-count'],
  ...['x-request-id', 'request-id', 'x-correlation-id', 'cf-ray', 'operation-id'],
];

/** Query parameters that hold no secret: those of the vendors' documents. */
const harmlessQuery = [
  ...['cursor', 'limit', 'page', 'pageSize', 'bucket', 'group_by', 'start', 'end', 'status', 'force', 'timeout'],
  ...['instance_type', 'is_spot', 'currency', 'locationCode', 'location_code', 'computeId', 'subdomain'],
  ...[
    'minGPUCount',
    'maxGPUCount',
    'minRAM',
    'maxRAM',
    'minvCPUs',
    'minStorage',
    'minVRAM',
    'requiresRTX',
    'requiresGTX',
  ],
];

/** What was asked, as far as it may be shown. */
function asked(call: HookedCall, bodies: boolean, harmless: ReadonlySet<string>): LogEntry['fields'] {
  const { body, path, query } = call.asked();
  const shown =
    query &&
    Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, harmless.has(name) ? value : '[not shown]']),
    );
  return { path, query: shown, ...(bodies && { body }) };
}
