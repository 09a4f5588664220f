import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSimulators } from '@gpu-clouds/simulators';
import { afterAll, beforeAll, expect, test } from 'vitest';

const simulators = createSimulators({ seed: 1, bootSeconds: 0.1, ssh: false });
let env: Record<string, string | undefined>;

beforeAll(async () => {
  const endpoints = await simulators.listen();
  env = Object.assign({ PATH: process.env.PATH }, ...Object.values(endpoints).map((endpoint) => endpoint.env));
});
afterAll(() => simulators.close());

test.each([
  ['verda.ts', /1A6000\.10V \(.+\) at \$/],
  ['gpu-ai.ts', /rented a .+\nand gave it back/],
  ['massed-compute.ts', /1x RTX A6000.* at \$0\.57 an hour in us-central-3/],
  ['tensordock.ts', /× h100.+\n(.*\n)*0 machines are running/],
  ['all-clouds.ts', /\$\d+\.\d\d an hour: H100/],
])('%s does what its first line says', async (file, output) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, file)], { env });
  expect(stderr).toBe('');
  expect(stdout).toMatch(output);
  await expect.poll(() => simulators.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
});
