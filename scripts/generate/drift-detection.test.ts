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
import { describe, expect, test } from 'vitest';
import { ExampleValidator } from './examples-in-document.ts';
import {
  asDocument,
  type Document,
  follow,
  listOperations,
  pointerTo,
  type ResponseObject,
  resolve,
} from './openapi.ts';
import { schemasOf } from './walk.ts';

type Send = (request: Request) => Promise<Response>;
type Validated = (fetch: Send, options?: { onDrift?: (drift: unknown) => void }) => Send;

const vendors: Readonly<Record<string, { validated: Validated; client: (fetch: Send) => object }>> = {
  'gpu-ai': { validated: gpuAi, client: (fetch) => createGpuAi({ apiKey: 'a', fetch }) },
  'massed-compute': { validated: massedCompute, client: (fetch) => createMassedCompute({ token: 'a', fetch }) },
  tensordock: { validated: tensorDock, client: (fetch) => createTensorDock({ apiKey: 'a', apiToken: 'b', fetch }) },
  verda: { validated: verda, client: (fetch) => createVerda({ clientId: 'a', clientSecret: 'b', fetch }) },
};

interface Sample {
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

function documentOf(vendor: string): Document {
  const file = fileURLToPath(new URL(`../../packages/${vendor}/src/generated/openapi.json`, import.meta.url));
  return asDocument(JSON.parse(readFileSync(file, 'utf8')), file);
}

/** Every example of an answer that the document has, failures too. */
function samplesOf(document: Document): Sample[] {
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

const answerTo = ({ status, media, body }: Sample) =>
  new Response(/json/.test(media) ? JSON.stringify(body) : String(body), {
    status,
    headers: { 'Content-Type': media },
  });

/** The request is made up from the path alone: what is checked is the answer. */
const requestFor = ({ method, path }: Sample) =>
  new Request(`https://vendor.test${path.replace(/\{[^{}]+\}/g, 'x')}`, { method });

/** What a lookup gives where the vendor sends a list or an envelope of one. */
function unwrapped(vendor: string, operation: string, body: unknown): unknown {
  if (vendor === 'verda' && /^get(SshKey|SshKeyLegacy|Script)$/.test(operation)) return (body as unknown[])[0];
  if (vendor !== 'massed-compute' || operation !== 'getInstance') return body;
  const { runningInstance, runningInstances } = body as { runningInstance?: unknown; runningInstances?: unknown[] };
  return runningInstance ?? runningInstances?.[0];
}

/** JSON values that differ from `value` in one place each: a part left out, or another in its stead. */
function* mutants(value: unknown, others: readonly unknown[]): Generator<unknown> {
  yield* others;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const copy = (change: (target: Record<string, unknown>) => void) => {
      const target = structuredClone(value) as Record<string, unknown>;
      change(target);
      return target;
    };
    if (!Array.isArray(value)) yield copy((target) => delete target[key]);
    for (const mutant of mutants(member, others)) {
      yield copy((target) => {
        target[key] = mutant;
      });
    }
  }
}

/** Which of several branches holds is no drift, for the type is their union; nor does the format of a number matter. */
function asUnions(document: Document): Document {
  const copy = structuredClone(document);
  for (const { value } of schemasOf(copy)) {
    if (value.oneOf) value.anyOf = value.oneOf;
    delete value.oneOf;
    delete value.discriminator;
    if (value.additionalProperties === false) delete value.additionalProperties;
  }
  return copy;
}

describe.each(Object.entries(vendors))('drift detection of %s', (vendor, { validated, client }) => {
  const document = documentOf(vendor);
  const samples = samplesOf(document);

  test(`the document of ${vendor} has examples of successful responses`, () => {
    expect(samples.filter(({ status }) => status < 300).length).toBeGreaterThan(5);
  });

  test.each(samples)(`${vendor}: the example of $name is not drift`, async (sample) => {
    const drift: unknown[] = [];
    const fetch = validated(async () => answerTo(sample), { onDrift: (each) => drift.push(each) });
    await fetch(requestFor(sample));
    expect(drift).toEqual([]);
  });

  test.each(samples.filter(({ status }) => status < 300))(
    `${vendor}: the example of $name passes the client unchanged`,
    async (sample) => {
      const { operation, method, path, body } = sample;
      const token = async (request: Request) =>
        request.url.endsWith('/oauth2/token') && operation !== 'getAccessToken'
          ? Response.json({ access_token: 'a', expires_in: 3600 })
          : answerTo(sample);
      const params = Object.fromEntries([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => [name, 'x']));
      const call = Reflect.get(client(token), operation) as (args: object) => Promise<unknown>;
      const answer = await call({ path: params, ...(method === 'GET' ? {} : { body: {} }) });
      expect(answer).toEqual(unwrapped(vendor, operation, body));
    },
  );

  test(`${vendor}: drift detection finds the same errors as a JSON Schema validator`, async () => {
    const validator = new ExampleValidator(asUnions(document));
    // Massed Compute's client accepts numbers for some strings, and so does its validation.
    const others = [null, 'text', true, [], {}, ...(vendor === 'massed-compute' ? [] : [7.5])];
    const wrong: string[] = [];
    for (const sample of samples.filter(({ status, media }) => status < 300 && /json/.test(media))) {
      for (const body of mutants(sample.body, others)) {
        let drifted = false;
        const note = () => {
          drifted = true;
        };
        await validated(async () => answerTo({ ...sample, body }), { onDrift: note })(requestFor(sample));
        const complaint = validator.check(body, sample.schema);
        if (drifted !== (complaint !== undefined)) wrong.push(`${sample.name} ${JSON.stringify(body)} ${complaint}`);
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});
