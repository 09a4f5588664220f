import { expect, it } from 'vitest';
import { recordedAnswers } from './__fixtures__/recorded-answers.ts';
import { validated } from './validate.ts';

it.each(recordedAnswers)('drift detection accepts the recorded response of $path', async ({ path, body }) => {
  const drifted: unknown[] = [];
  const fetch = validated(async () => Response.json(body), { onDrift: ({ issues }) => drifted.push(...issues) });
  await fetch(new Request(`https://api.verda.com/v1${path}`));
  expect(drifted).toEqual([]);
});
