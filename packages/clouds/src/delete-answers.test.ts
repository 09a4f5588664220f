import { describe, expect, it } from 'vitest';
import { answering } from '../test/answering.ts';
import type { Replies } from '../test/recorded-vendor.ts';
import type { Vendor } from './cloud.ts';

const id = 'b6a57e8c-d8af-4dd7-be9d-7d79f8575a90';
const other = '00000000-0000-4000-8000-000000000000';

type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string };

const massed = (answer: Reply): Replies => ({ 'POST /instance/terminate': answer });
const gpuAi = (answer: Reply): Replies => ({ [`DELETE /instances/${id}`]: answer });
const verda = (answer: Reply): Replies => ({
  [`GET /v1/instances/${id}`]: { json: { id, hostname: 'gpuc-a-r-0', status: 'running', volume_ids: ['v'] } },
  'PUT /v1/instances': answer,
});
const tensorDock = (answer: Reply): Replies => ({ 'POST /api/v0/client/delete/single': answer });

const terminated = (...ids: readonly string[]) => ({
  response: { data: { terminated_instances: ids.map((one) => ({ id: one, status: 'terminated' })) } },
});
const operation = (given: object) => ({ operation_id: other, kind: 'instance.delete', state: 'pending', ...given });
const done = (instanceId: string) => ({ instanceId, action: 'delete', status: 'success' });

describe('deleteInstance counts as accepted', () => {
  it.each<[Vendor, Replies]>([
    ['massed-compute', massed({ status: 202, json: terminated(id) })],
    ['massed-compute', massed({ status: 202, json: terminated(other, id) })],
    ['gpu-ai', gpuAi({ status: 202, json: operation({ resource_id: id }) })],
    ['gpu-ai', gpuAi({ status: 202, json: operation({ resource_id: null, error: null }) })],
    ['gpu-ai', gpuAi({ status: 202, json: operation({ state: 'succeeded' }) })],
    ['gpu-ai', gpuAi({ status: 204 })],
    ['verda', verda({ status: 202, json: [done(id)] })],
    ['verda', verda({ status: 207, json: [done(id)] })],
    ['verda', verda({ status: 202, text: '' })],
    ['verda', verda({ status: 204 })],
    ['tensordock', tensorDock({ json: { success: true } })],
  ])('when %s answers as documented: %j', async (vendor, replies) => {
    expect(await answering(vendor, replies).cloud.deleteInstance(id)).toMatchObject({ accepted: true });
  });
});

describe('deleteInstance does not count as accepted', () => {
  it.each<[Vendor, Replies]>([
    ['massed-compute', massed({ json: { error: 'Instance is locked' } })],
    ['massed-compute', massed({ json: { success: false, message: 'failed' } })],
    ['massed-compute', massed({ status: 202, json: terminated() })],
    ['massed-compute', massed({ status: 202, json: terminated(other) })],
    ['massed-compute', massed({ status: 202, json: { response: { data: { terminated_instances: [null] } } } })],
    ['massed-compute', massed({ status: 202, text: '' })],
    ['massed-compute', massed({ status: 202, text: 'null' })],
    ['gpu-ai', gpuAi({ json: { error: 'x' } })],
    ['gpu-ai', gpuAi({ status: 202, json: operation({ resource_id: other }) })],
    ['gpu-ai', gpuAi({ status: 202, text: 'null' })],
    ['verda', verda({ status: 207, json: [] })],
    ['verda', verda({ status: 207, json: [done(other)] })],
    ['verda', verda({ status: 202, text: 'null' })],
    ['tensordock', tensorDock({ json: { success: true, error: 'Server is locked' } })],
  ])('when %s answers nothing about the instance, or an error, with a good status: %j', async (vendor, replies) => {
    const deletion = await answering(vendor, replies).cloud.deleteInstance(id);
    expect(deletion).toMatchObject({ accepted: false });
    expect(deletion.volumeIds ?? []).toEqual([]);
  });

  it.each(['failed', 'cancelled'])(
    'when the operation of GPU.ai is %s, and its reason is in the error',
    async (state) => {
      const answer = operation({ state, resource_id: id, error: { code: 'x', detail: 'The host is busy' } });
      await expect(
        answering('gpu-ai', gpuAi({ status: 202, json: answer })).cloud.deleteInstance(id),
      ).rejects.toMatchObject({
        kind: 'unavailable',
        operation: 'deleteInstance',
        message: expect.stringContaining('The host is busy'),
      });
    },
  );
});

it.each([
  ['nothing', { status: 200, text: '' }, true],
  ['an error', { status: 200, json: { error: 'x' } }, false],
] as const)(
  'the delete of a volume and of a job deployment is accepted when the answer is %s, unless it is an error',
  async (_, answer, accepted) => {
    const { cloud } = answering('verda', {
      [`DELETE /v1/volumes/${id}`]: answer,
      [`DELETE /v1/job-deployments/${id}`]: answer,
    });
    expect(await cloud.volumes?.delete(id)).toEqual({ accepted });
    expect(await cloud.jobs?.delete(id)).toEqual({ accepted });
  },
);
