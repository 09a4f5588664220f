import { type HttpHandler, HttpResponse, type HttpResponseResolver, http } from 'msw';
import type { Example, ExampleTable } from './example.ts';
import type { OperationTable } from './operation.ts';

export type { Example, ExampleTable } from './example.ts';

/** What an operation answers instead of its example: another status and body, or a resolver of msw's. */
export type MockAnswer = Example | HttpResponseResolver;

export interface MockOptions<Operations extends OperationTable = OperationTable> {
  /** Where the API is thought to be. Default: the first server of the vendor's document. `*` for anywhere. */
  readonly baseUrl?: string;
  /** Other answers, by operationId. */
  readonly answers?: { readonly [Name in keyof Operations]?: MockAnswer };
}

/**
 * Handlers for msw, one an operation, that answer with the document's examples. They keep no state: what is created
 * does not appear in a list. Use `@gpu-clouds/simulators` for that.
 */
export function createHandlers<Operations extends OperationTable>(
  operations: Operations,
  examples: ExampleTable,
  options: MockOptions<Operations> & { readonly baseUrl: string },
): HttpHandler[] {
  const { baseUrl } = options;
  const answers: Readonly<Record<string, MockAnswer | undefined>> = options.answers ?? {};
  return Object.entries(operations)
    .sort(([, one], [, other]) => parameters(one.path) - parameters(other.path))
    .map(([name, { method, path }]) => {
      const answer: MockAnswer = answers[name] ?? usable(examples[name]);
      const resolver = typeof answer === 'function' ? answer : () => responseOf(answer);
      const pattern = `${baseUrl.replace(/\/+$/, '')}${path.replace(/\{([^{}]+)\}/g, ':$1')}`;
      return verbs[method](pattern, resolver);
    });
}

const verbs = { GET: http.get, POST: http.post, PUT: http.put, PATCH: http.patch, DELETE: http.delete };

/** `/instances/types` comes before `/instances/{id}`, which would match it too. */
const parameters = (path: string) => path.split('{').length - 1;

/** Where the document says nothing of a success's body there is none, and an empty 200 would look like a broken one. */
const usable = (example: Example = { status: 204 }): Example =>
  example.body === undefined && example.status < 300 ? { ...example, status: 204 } : example;

function responseOf({ status, contentType = 'application/json', body }: Example): HttpResponse<string> {
  if (body === undefined) return new HttpResponse(null, { status });
  const text = typeof body === 'string' && !/json/.test(contentType) ? body : JSON.stringify(body);
  return new HttpResponse(text, { status, headers: { 'Content-Type': contentType } });
}
