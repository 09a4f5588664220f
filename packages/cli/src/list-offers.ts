import { setTimeout as delay } from 'node:timers/promises';
import { type Cloud, CloudError, type Offer, type Vendor } from '@gpu-clouds/clouds';
import { CliError, exitCodes } from './cli-error.ts';
import { configuredClouds } from './clouds.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds to wait for a cloud. */
const maxWaitMs = 5000;

interface Failure {
  readonly message: string;
  readonly unauthorized: boolean;
}

/**
 * Lists the offers of all clouds with credentials. Notes each cloud that has a malformed setting, refuses the credentials, fails, or does not
 * answer within 5 s.
 * @throws {CliError} when no cloud has credentials, or every cloud fails
 */
export async function listOffers(
  vendors: readonly Vendor[] | undefined,
  terminal: Terminal,
): Promise<readonly Offer[]> {
  const clouds = [...configuredClouds(terminal, { vendors, leaveOutMalformed: true }).values()];
  const answers = await Promise.all(clouds.map((cloud) => offersOf(cloud, terminal.signal)));
  terminal.signal.throwIfAborted();
  const failures = answers.flatMap((answer) => ('message' in answer ? [answer] : []));
  for (const { message } of failures) terminal.note(`gpu-clouds: ${message}`);
  if (failures.length === clouds.length) {
    throw new CliError(
      'No cloud returned offers: see the messages above. Run "gpu-clouds doctor" to check the settings.',
      {
        exitCode: failures.every(({ unauthorized }) => unauthorized) ? exitCodes.credentials : exitCodes.failure,
      },
    );
  }
  return answers.flatMap((answer) => ('message' in answer ? [] : answer));
}

async function offersOf(cloud: Cloud, signal: AbortSignal): Promise<readonly Offer[] | Failure> {
  const ended = new AbortController();
  const options = { signal: AbortSignal.any([signal, ended.signal]) };
  const tooSlow = delay(maxWaitMs, undefined, options).then((): Failure => {
    return { message: `${cloud.vendor} did not answer within 5 s and is left out.`, unauthorized: false };
  });
  // Some price lists are public, so only a list of instances shows that the credentials are refused.
  const asking = Promise.all([cloud.listOffers(options), cloud.listInstances(options)]).then(([offers]) => offers);
  try {
    return await Promise.race([asking, tooSlow]);
  } catch (error) {
    if (signal.aborted) return [];
    if (!CloudError.isInstance(error)) throw error;
    return { message: error.message, unauthorized: error.kind === 'unauthorized' };
  } finally {
    ended.abort();
    asking.catch(() => undefined);
    tooSlow.catch(() => undefined);
  }
}
