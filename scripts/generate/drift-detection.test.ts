import { describe, expect, test } from 'vitest';
import { answerTo, callWith, clients, documentOf, type Sample, samplesOf, unwrapped } from './__fixtures__/samples.ts';
import { ExampleValidator } from './examples-in-document.ts';
import type { Document } from './openapi.ts';
import { schemasOf } from './walk.ts';

/** The request is made up from the path alone: what is checked is the answer. */
const requestFor = ({ method, path }: Sample) =>
  new Request(`https://vendor.test${path.replace(/\{[^{}]+\}/g, 'x')}`, { method });

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

describe.each(Object.entries(clients))('drift detection of %s', (vendor, { validated }) => {
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
      const { operation, body } = sample;
      const answer = await callWith(vendor, sample);
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
