import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FrozenTemporal, frozenTemporal } from '../test/frozen-temporal.ts';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { main } from './main.ts';

// Nothing is read from it: an answer would be that nothing bills.
let temporal: FrozenTemporal;
beforeEach(async () => {
  temporal = await frozenTemporal();
});
afterEach(() => temporal.close());

it.each([
  [['ls']],
  [['ps']],
  [['cost']],
  [['down', 'mine']],
  [['batch', 'list']],
  [['schedule', 'list']],
  [['reaper', 'status']],
  [['run', '--dry-run', '--', 'true']],
  [['run', '--detach', '--yes', '--', 'true']],
])('%j refuses a GPU_CLOUDS_FLEET that no fleet can have', async (argv) => {
  const terminal = recordingTerminal({ ...temporal.env, GPU_CLOUDS_FLEET: 'Dev' });
  expect(await main(argv, terminal)).toBe(2);
  expect(terminal.notes).toEqual([
    'gpu-clouds: GPU_CLOUDS_FLEET is "Dev": set it to 1 to 12 lower-case letters and digits.',
  ]);
});

it('reap refuses a --fleet that no fleet can have, and names the option', async () => {
  const terminal = recordingTerminal({ GPU_CLOUDS_FLEET: 'dev' });
  expect(await main(['reap', '--no-temporal', '--fleet', 'UPPER'], terminal)).toBe(2);
  expect(terminal.notes).toEqual(['gpu-clouds: --fleet is "UPPER": set it to 1 to 12 lower-case letters and digits.']);
});
