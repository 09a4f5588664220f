import { createSimulators } from '@gpu-clouds/simulators';
import { expect, it } from 'vitest';
import { simulatorControl } from './simulator-control.ts';

it('a fault of an instance that is gone or renamed is not applied, and not an error', async () => {
  await using simulators = createSimulators();
  await simulators.listen();
  const control = simulatorControl(simulators.verda.baseUrl);
  expect(await control.addFaults([{ kind: 'rename', instance: 'gone' }])).toBe(false);
  await expect(control.addFaults([{ kind: 'reprice', instance: 'gone', factor: -1 }])).rejects.toThrow('rejected');
});
