import { deriveSshKey } from '@gpu-clouds/jobs';
import { FakeCloud } from '@gpu-clouds/jobs/test';
import { masterKeys } from '@gpu-clouds/jobs/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import type { SeenHost } from './contract.ts';
import { createActivities } from './create-activities.ts';

const [old, recent] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
const instanceName = 'gpuc-default-run-0';
let server: TestSshServer;
beforeAll(async () => {
  server = await startSshServer();
  server.allowed.add(deriveSshKey(`${old}`, instanceName).publicKey);
});
afterAll(() => server.close());

it('awaitSsh finds the older master secret that an instance was created with, and reports its id', async () => {
  const masterSecret = `${recent},${old}`;
  const { follow } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', new FakeCloud('verda', [{}], server.address)]]),
    masterSecret,
    timing: { pollIntervalMs: 1 },
  });
  const input = { vendor: 'verda', instanceName, ssh: server.address, createdAt: Date.now() } as const;
  const seen: SeenHost = await mockActivity().run(follow.awaitSsh, input);
  const { hostKey, secretId } = seen;
  expect(secretId).toBe(masterKeys(masterSecret)[1]?.id);
  const instance = { instanceName, ssh: server.address, hostKey, secretId };
  // An activity on the instance uses the recorded secret. Without it, the newest is refused.
  const nothing = { instance, secrets: [], inputs: [] };
  await mockActivity().run(follow.uploadFiles, nothing);
  const without = { ...nothing, instance: { instanceName, ssh: server.address, hostKey } };
  await expect(mockActivity().run(follow.uploadFiles, without)).rejects.toMatchObject({ type: 'SshError' });
});
