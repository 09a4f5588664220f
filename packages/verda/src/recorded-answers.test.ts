import { expect, it } from 'vitest';
import { recordedAnswers } from './__fixtures__/recorded-answers.ts';
import { validated } from './validate.ts';

async function driftOf(request: { readonly method?: string; readonly path: string; readonly body: unknown }) {
  const drifted: unknown[] = [];
  const fetch = validated(async () => Response.json(request.body), {
    onDrift: ({ issues }) => drifted.push(...issues),
  });
  await fetch(new Request(`https://api.verda.com/v1${request.path}`, { method: request.method ?? 'GET' }));
  return drifted;
}

it.each(recordedAnswers)('drift detection accepts the recorded response of $path', async (recorded) => {
  expect(await driftOf(recorded)).toEqual([]);
});

const variables = { container_name: 'main-0', env: [] };

// The shapes that the vendor's Python and Go SDKs read; specs/verda/overlay.yaml names the places.
it.each([
  {
    path: '/container-deployments/flux/scaling',
    body: {
      min_replica_count: 0,
      max_replica_count: 1,
      scale_down_policy: { delay_seconds: 1 },
      scale_up_policy: { delay_seconds: 1 },
      queue_message_ttl_seconds: 1,
      concurrent_requests_per_replica: 1,
      scaling_triggers: {
        queue_load: null,
        cpu_utilization: { enabled: false, threshold: null },
        gpu_utilization: null,
      },
    },
  },
  { method: 'PATCH', path: '/container-deployments/flux/environment-variables', body: [variables] },
  { method: 'PATCH', path: '/container-deployments/flux/environment-variables', body: variables },
])('drift detection accepts what an SDK of the vendor reads from $path: %j', async (read) => {
  expect(await driftOf(read)).toEqual([]);
});
