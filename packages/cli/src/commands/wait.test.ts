import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FrozenTemporal, frozenTemporal } from '../../test/frozen-temporal.ts';
import { recordingTerminal } from '../../test/recording-terminal.ts';
import { main } from '../main.ts';
import { InterruptedError } from '../terminal.ts';

let temporal: FrozenTemporal;
beforeEach(async () => {
  temporal = await frozenTemporal();
});
afterEach(() => temporal.close());

it('wait ends with exit code 7 when its time is over, also while Temporal hangs', async () => {
  const terminal = recordingTerminal(temporal.env);
  expect(await main(['wait', 'train', '--timeout', '0.2s'], terminal)).toBe(7);
  expect(terminal.notes[0]).toBe('train continues, and bills until it ends.');
});

it('wait ends with exit code 130 on SIGTERM while Temporal hangs, and says that the run continues and bills', async () => {
  const stop = new AbortController();
  const terminal = recordingTerminal(temporal.env, stop.signal);
  const waiting = main(['wait', 'train'], terminal);
  await temporal.frozen;
  stop.abort(new InterruptedError());
  expect(await waiting).toBe(130);
  expect(terminal.notes[0]).toBe('train continues, and bills until it ends.');
});

it('the process of wait ends with exit code 7 while calls of Temporal are repeated', async () => {
  const unavailable = await frozenTemporal(14);
  try {
    const bin = join(import.meta.dirname, '../bin.ts');
    const child = spawn(process.execPath, [bin, 'wait', 'train', '--timeout', '2s'], {
      env: { ...process.env, ...unavailable.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [notes, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([exitCode, notes]).toEqual([7, expect.stringMatching(/^train continues, and bills until it ends\.$/m)]);
    expect(notes).not.toContain('Error');
  } finally {
    unavailable.close();
  }
});
