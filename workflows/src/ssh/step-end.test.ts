import { describe, expect, it } from 'vitest';
import { readStepEnd } from './step-end.ts';

describe('readStepEnd', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['007', 7],
    ['255', 255],
  ])('readStepEnd takes %j for an exit code', (said, code) => {
    expect(readStepEnd(`exit [${said}]`)).toEqual({ ended: 'exit', code });
  });

  it.each(['256', '999', '1000', '0x0', '0.5', '-1', ' 1', '1\n', '', 'ok', '1] [2', '1\n2'])(
    'readStepEnd takes %j for no exit code',
    (said) => {
      expect(readStepEnd(`exit [${said}]`)).toEqual({ ended: 'no-code', said });
    },
  );

  it.each(['rebooted', 'out-of-memory', 'killed'] as const)('readStepEnd reads that a step was %s', (reason) => {
    expect(readStepEnd(`${reason} []`)).toEqual({ ended: 'vanished', reason, kernelSays: '' });
    expect(readStepEnd(`${reason} [Killed process 7 (python)]`)).toMatchObject({
      kernelSays: 'Killed process 7 (python)',
    });
  });

  it.each(['', 'exit', 'exit 0', 'exit [0', 'exit 0]', ' exit [0]', 'exit [0] ', 'vanished []', 'done\nexit [0]'])(
    'readStepEnd takes the line %j for no verdict',
    (line) => {
      expect(readStepEnd(line)).toBeUndefined();
    },
  );
});
