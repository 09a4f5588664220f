import { expect, it } from 'vitest';
import { openBench } from '../test/api.ts';
import { expectNothingLeft } from './expect-nothing-left.ts';

it('expectNothingLeft names what is left and its price, and passes once it is gone', async () => {
  const { sims, massed, clock } = await openBench();
  expectNothingLeft(sims);
  const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any', instanceName: 'forgotten' };
  const { response } = (await massed('POST', '/instance/launch', order)).json;
  expect(() => expectNothingLeft(sims)).toThrow(
    `Still there: massed-compute instance "forgotten" (${response}), $0.57 per hour.`,
  );
  await massed('POST', '/instance/terminate', { instanceUuids: [response] });
  await clock.advance(10);
  expectNothingLeft(sims);
});
