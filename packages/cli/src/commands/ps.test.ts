import { expect, it } from 'vitest';
import { nothing, type PsOptions } from './ps.ts';

it.each<[Partial<PsOptions>, string]>([
  [{}, 'No active runs. Use --all to include ended runs.'],
  [{ tag: { team: 'x' } }, 'No active run matches. Use --all to include ended runs.'],
  [{ tag: { team: 'x' }, all: true }, 'No run matches.'],
  [{ state: 'failed' }, 'No run matches.'],
  [{ since: new Date() }, 'No run matches.'],
])('ps with %j lists nothing and says: %s', (options, text) => {
  expect(nothing({ limit: 20, ...options })).toBe(text);
});
