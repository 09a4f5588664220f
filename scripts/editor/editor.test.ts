import { describe, expect, test } from 'vitest';
import { Editor } from './editor.ts';

const editor = new Editor();
const clients = `import { createVerda, type InstanceStatus } from '@gpu-clouds/verda';
import { createGpuAi, type Problem } from '@gpu-clouds/gpu-ai';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { createTensorDock } from '@gpu-clouds/tensordock';
const verda = createVerda();
const gpuAi = createGpuAi();
const massed = createMassedCompute();
const tensorDock = createTensorDock();
`;

describe('on hover a method shows', () => {
  test.each([
    ['verda.createInstance|', 'Before deploying an instance, you need to add at least ssh key'],
    ['verda.getSshKey|', 'Get single SSH key by ID'],
    ['gpuAi.createInstance|', 'Create an instance (async'],
    ['massed.terminateInstances|', 'Terminate instances.'],
    ['tensorDock.deployVirtualMachine|', 'Deploy Virtual Machine'],
  ])("the vendor's description: %s", (call, words) => {
    expect(editor.hover(`${clients}${call}`).text).toContain(words);
  });

  test('its request', () => {
    expect(editor.hover(`${clients}verda.createInstance|`).text).toContain('`POST /v1/instances`');
  });

  test('its limits', () => {
    const { text } = editor.hover(`${clients}verda.listInstances|`);
    expect(text).toContain('rate limited to 120 requests per minute per project');
  });

  test('that it is deprecated, and only then', () => {
    expect(editor.hover(`${clients}verda.performInstanceActionLegacy|`).deprecated).toBe(true);
    expect(editor.hover(`${clients}verda.performInstanceAction|`).deprecated).toBe(false);
  });
});

test('on hover a field shows what the vendor says of it', () => {
  const { text } = editor.hover(`${clients}(await gpuAi.getInstance({ path: { id: 'a' } })).price_per_hour|`);
  expect(text).toMatch(/USD/);
});

describe('what is known of an open set is offered', () => {
  test.each([
    ["const status: InstanceStatus = '|'", ['running', 'no_capacity', 'discontinued']],
    ["(await verda.getInstance({ path: { instance_id: 'a' } })).status === '|'", ['running', 'offline']],
    ["verda.performInstanceAction({ body: { id: 'a', action: '|' } })", ['delete', 'hibernate', 'boot']],
    ["const code: Problem['code'] = '|'", ['rate_limited', 'quota_exceeded']],
    ["(await gpuAi.getInstance({ path: { id: 'a' } })).status === '|'", ['allocating', 'running', 'terminated']],
    ["(await massed.getInstance({ path: { uuid: 'a' } })).status === '|'", ['rented', 'Running']],
    ["Object.values((await tensorDock.listVirtualMachines()).virtualmachines)[0]?.status === '|'", ['Running']],
  ])('%s', (program, known) => {
    expect(editor.completions(clients + program)).toEqual(expect.arrayContaining(known));
  });
});

test('a closed set offers its values and nothing else', () => {
  const offered = editor.completions(
    `${clients}gpuAi.createInstance({ body: { gpu_type: 'a', gpu_count: 1, tier: '|' } })`,
  );
  expect(offered.sort()).toEqual(['on_demand', 'spot']);
});

test('names of arguments and of fields are offered', () => {
  expect(editor.completions(`${clients}verda.getInstance({ |`)).toContain('path');
  expect(editor.completions(`${clients}verda.createInstance({ body: { |`)).toEqual(
    expect.arrayContaining(['instance_type', 'location_code', 'is_spot']),
  );
  expect(editor.completions(`${clients}verda.|`)).toEqual(expect.arrayContaining(['createInstance', 'listInstances']));
});

test('errors narrow by their code, whose values are offered', () => {
  const program = `import { ApiError } from '@gpu-clouds/core';
declare const error: unknown;
if (ApiError.isInstance(error)) switch (error.code) { case '|' }`;
  expect(editor.completions(program)).toEqual(expect.arrayContaining(['not-found', 'rate-limited', 'vendor-failure']));
});
