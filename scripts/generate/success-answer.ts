import { GenerationError } from './generation-error.ts';
import {
  type Document,
  follow,
  type MediaType,
  type OperationEntry,
  type ResponseObject,
  type Schema,
} from './openapi.ts';

export interface SuccessAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Undefined if the response has no body. */
  readonly contentType?: string;
  readonly mediaType?: MediaType;
  readonly schema?: Schema;
  /** Path of `mediaType` in the document, or of the response if it has no body. */
  readonly path: readonly string[];
}

/** Returns the response with the lowest 2xx status, in its first media type. */
export function successAnswer(document: Document, { id, method, path, operation }: OperationEntry): SuccessAnswer {
  const responses = operation.responses ?? {};
  const [status] = Object.keys(responses)
    .filter((key) => /^2\d\d$/.test(key))
    .sort();
  const response = status === undefined ? undefined : responses[status];
  if (status === undefined || response === undefined) throw new GenerationError(`${id} has no 2xx response.`);
  const found = follow<ResponseObject>(document, response, ['paths', path, method, 'responses', status]);
  const { content = {}, headers = {} } = found.node;
  const common = { status: Number(status), headers, path: found.path };
  const [first] = Object.entries(content);
  if (!first) return common;
  const [contentType, mediaType] = first;
  const { schema } = mediaType;
  return {
    ...common,
    contentType,
    mediaType,
    ...(schema && { schema }),
    path: [...found.path, 'content', contentType],
  };
}
