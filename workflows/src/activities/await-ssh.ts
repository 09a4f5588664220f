import { deriveSshKey } from '@gpu-clouds/jobs';
import { masterKeys } from '@gpu-clouds/jobs/worker';
import { Context, cancellationSignal, sleep } from '@temporalio/activity';
import { openSession } from '../ssh/ssh-session.ts';
import { neverReady } from './await-instance.ts';
import type { SeenHost, SshProbeInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { remoteText } from './remote-text.ts';

/** Waits until the instance lets us in over SSH. @returns The host key it showed, to be pinned. */
export function awaitSsh({ masterSecret, timing, now }: Dependencies) {
  return async ({ instanceName, ssh, createdAt }: SshProbeInput): Promise<SeenHost> =>
    withHeartbeats(async () => {
      const secrets = masterKeys(masterSecret);
      for (let attempt = 0; ; attempt += 1) {
        // An earlier worker may have created it with an older secret.
        const secretId = secrets[attempt % secrets.length]?.id;
        try {
          const { privateKey } = deriveSshKey(masterSecret, instanceName, secretId);
          const session = await openSession({ address: ssh, privateKey }, cancellationSignal());
          // While it boots, an instance may accept keys and then refuse a shell.
          await session.exec(':').finally(() => session.close());
          return { hostKey: session.hostKey, hostPublicKey: session.hostPublicKey, secretId };
        } catch (error) {
          if (cancellationSignal().aborted) await Context.current().cancelled;
          const message = error instanceof Error ? error.message : String(error);
          if (now() - createdAt > timing.bootTimeoutMs)
            throw neverReady({ instanceName }, timing.bootTimeoutMs, remoteText(message));
        }
        await sleep(timing.pollIntervalMs);
      }
    });
}
