import type { HookedCall, Hooks } from './hooks.ts';

/** One line of a log. It holds no secret. */
export interface LogEntry {
  /** `debug` for requests and responses, `warn` for retries and missing responses, `error` for failed calls. */
  readonly level: 'debug' | 'warn' | 'error';
  /** A sentence that begins with vendor and operation: `verda getInstance (GET /v1/instances/{instance_id})`. */
  readonly message: string;
  /** Structured details, redacted. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Options of `logHooks`. */
export interface LogOptions {
  /** True to log request bodies and the bodies of error responses, redacted. Default: false. */
  readonly bodies?: boolean | undefined;
  /** Names of additional query parameters whose values may be logged. */
  readonly query?: readonly string[] | undefined;
}

/**
 * Creates hooks that log: `createVerda({ hooks: logHooks(({ level, message, fields }) => console[level](message, fields)) })`.
 * Of response headers and query parameters, only values known to be harmless are logged.
 */
export function logHooks(write: (entry: LogEntry) => void, { bodies = false, query = [] }: LogOptions = {}): Hooks {
  const harmless = new Set([...harmlessQuery, ...query]);
  const log = (level: LogEntry['level'], call: HookedCall, what: string, fields: LogEntry['fields'] = {}) =>
    write({ level, message: `${call.vendor} ${call.operation} (${call.method} ${call.path}) ${what}`, fields });
  return {
    onRequest({ call, attempt }) {
      log('debug', call, `is sent, attempt ${attempt}`, argumentsOf(call, bodies, harmless));
    },
    onResponse({ call, status, durationMs, header }) {
      const headers = Object.fromEntries(
        harmlessHeaders.flatMap((name) => [[name, header(name)]].filter(([, value]) => value)),
      );
      log('debug', call, `was answered ${status} in ${durationMs} ms`, { status, durationMs, headers });
    },
    onNoResponse({ call, code, durationMs }) {
      log('warn', call, `got no answer in ${durationMs} ms (${code})`, { code, durationMs });
    },
    onRetry({ call, attempt, delayMs }) {
      log('warn', call, `is retried in ${Math.ceil(delayMs)} ms, after attempt ${attempt}`, { attempt, delayMs });
    },
    onError({ call, error, durationMs }) {
      const { name: _, message, body, vendorMessage, ...details } = error.toJSON();
      const shown = bodies ? { body, vendorMessage } : {};
      const fields = { ...argumentsOf(call, false, harmless), ...details, ...shown, durationMs };
      write({ level: 'error', message, fields });
    },
  };
}

/** Response headers that hold no secret. */
const harmlessHeaders = (
  'content-type date retry-after retry-after-ms ratelimit ratelimit-policy x-total-count ' +
  'x-request-id request-id x-correlation-id cf-ray operation-id'
).split(' ');

/** Query parameters of the vendors' documents that hold no secret. */
const harmlessQuery = (
  'cursor limit page pageSize bucket group_by start end status force timeout instance_type is_spot currency ' +
  'locationCode location_code computeId subdomain minGPUCount maxGPUCount minRAM maxRAM minvCPUs minStorage minVRAM ' +
  'requiresRTX requiresGTX'
).split(' ');

/** Returns the arguments of a call, as far as they may be logged. */
function argumentsOf(call: HookedCall, bodies: boolean, harmless: ReadonlySet<string>): LogEntry['fields'] {
  const { body, path, query } = call.arguments();
  const shown =
    query &&
    Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, harmless.has(name) ? value : '[not shown]']),
    );
  return bodies ? { path, query: shown, body } : { path, query: shown };
}
