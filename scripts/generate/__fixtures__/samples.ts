import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { validated as gpuAi } from '@gpu-clouds/gpu-ai/validate';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { validated as massedCompute } from '@gpu-clouds/massed-compute/validate';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { validated as tensorDock } from '@gpu-clouds/tensordock/validate';
import { createVerda } from '@gpu-clouds/verda';
import { validated as verda } from '@gpu-clouds/verda/validate';
import {
  asDocument,
  type Document,
  follow,
  listOperations,
  pointerTo,
  type ResponseObject,
  resolve,
} from '../openapi.ts';

export type Send = (request: Request) => Promise<Response>;
type Validated = (fetch: Send, options?: { onDrift?: (drift: unknown) => void }) => Send;

export const clients: Readonly<Record<string, { validated: Validated; client: (fetch: Send) => object }>> = {
  'gpu-ai': { validated: gpuAi, client: (fetch) => createGpuAi({ apiKey: 'a', fetch, rateLimiter: false }) },
  'massed-compute': {
    validated: massedCompute,
    client: (fetch) => createMassedCompute({ token: 'a', fetch, rateLimiter: false }),
  },
  tensordock: {
    validated: tensorDock,
    client: (fetch) => createTensorDock({ apiKey: 'a', apiToken: 'b', fetch, rateLimiter: false }),
  },
  verda: {
    validated: verda,
    client: (fetch) => createVerda({ clientId: 'a', clientSecret: 'b', fetch, rateLimiter: false }),
  },
};

export interface Sample {
  readonly name: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly media: string;
  readonly body: unknown;
  /** Pointer to the schema in the document. */
  readonly schema: string;
}

export function documentOf(vendor: string): Document {
  const file = fileURLToPath(new URL(`../../../packages/${vendor}/src/generated/openapi.json`, import.meta.url));
  return asDocument(JSON.parse(readFileSync(file, 'utf8')), file);
}

/** Every example of an answer that the document has, failures too. */
export function samplesOf(document: Document): Sample[] {
  return listOperations(document).flatMap(({ id, method, path, operation }) =>
    Object.entries(operation.responses ?? {}).flatMap(([status, response]) => {
      const place = ['paths', path, method, 'responses', status];
      const found = follow<ResponseObject>(document, response, place);
      return Object.entries(found.node.content ?? {}).flatMap(([media, { example, examples = {} }]) => {
        const named = Object.values(examples).map((each) => resolve<{ value?: unknown }>(document, each).value);
        const bodies = example === undefined ? named : [example, ...named];
        const schema = pointerTo([...found.path, 'content', media, 'schema']);
        const code = Number(status) || (status === '2XX' ? 200 : status === '4XX' ? 404 : 500);
        return bodies.map((body, index) => ({
          ...{ operation: id, method: method.toUpperCase(), path, status: code, media, body, schema },
          name: `${id} ${status} ${media} ${index}`,
        }));
      });
    }),
  );
}

export const answerTo = ({ status, media, body }: Sample) =>
  new Response(/json/.test(media) ? JSON.stringify(body) : String(body), {
    status,
    headers: { 'Content-Type': media },
  });

/** What a lookup gives where the vendor sends a list or an envelope of one. */
export function unwrapped(vendor: string, operation: string, body: unknown): unknown {
  if (vendor === 'verda' && /^get(SshKey|SshKeyLegacy|Script)$/.test(operation)) return (body as unknown[])[0];
  if (vendor !== 'massed-compute' || operation !== 'getInstance') return body;
  const { runningInstance, runningInstances } = body as { runningInstance?: unknown; runningInstances?: unknown[] };
  return runningInstance ?? runningInstances?.[0];
}

/** Calls the operation of a sample with a client that gets `body` as the answer. */
export function callWith(vendor: string, sample: Sample, body: unknown = sample.body): Promise<unknown> {
  const { operation, method, path } = sample;
  const fetch = async (request: Request) =>
    request.url.endsWith('/oauth2/token') && operation !== 'getAccessToken'
      ? Response.json({ access_token: 'a', expires_in: 3600 })
      : answerTo({ ...sample, body });
  const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => [name, 'x']));
  const call: unknown = Reflect.get(Object(clients[vendor]?.client(fetch)), operation);
  if (typeof call !== 'function') throw new Error(`${vendor} has no ${operation}.`);
  return call({ path: params, ...(method === 'GET' ? {} : { body: {} }) });
}
