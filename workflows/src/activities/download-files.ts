import { bucketPlace, type FailureKind } from '@gpu-clouds/jobs/contract';
import { fileTarget } from '@gpu-clouds/jobs/worker';
import { checkGpus } from '../ssh/gpu-check.ts';
import { stepOfAttempt } from '../ssh/remote-step.ts';
import { pathFor } from '../ssh/share.ts';
import type { TransferFailure, TransferProblem } from '../ssh/transfer-reports.ts';
import { downloadScript } from '../ssh/transfer-script.ts';
import { objectsOf } from './bucket-sources.ts';
import type { DownloadInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';
import { idOf, LinkedTransfer, type PlannedFile } from './linked-transfer.ts';

/**
 * Lets the instance download files from https and S3. May be repeated: files that are complete stay, others continue.
 * @throws ApplicationFailure `input-refused`, `input-unreachable`, `instance-refused`
 */
export function downloadFiles(dependencies: Dependencies) {
  return async (input: DownloadInput): Promise<void> => {
    const { instance } = input;
    const { instanceName } = instance;
    const access = new InstanceAccess(dependencies, input);
    const transfer = new LinkedTransfer(access, {
      step: 'download',
      instance,
      script: (files) => downloadScript(files, dependencies.timing.transferPauseMs),
      plan: () => downloads(dependencies, input),
      failure: (file, failure) => downloadFailure(instanceName, file, failure),
      stuck: () => finalFailure('input-unreachable', `The downloads to ${instanceName} make no progress.`),
    });
    const work = () =>
      access.session(async (session) => {
        if (input.gpus !== undefined) await checkGpus(session, stepOfAttempt(instance, 'download'), input.gpus);
        await transfer.run(session);
      });
    await withHeartbeats(work, () => transfer.details);
  };
}

async function downloads(
  dependencies: Dependencies,
  { instance, sources }: DownloadInput,
): Promise<readonly PlannedFile[]> {
  const objects = await objectsOf(dependencies, sources);
  const fromBuckets = objects.map(async ({ bucket, key, size, etag, path }): Promise<PlannedFile> => {
    const label = `s3://${bucket}/${key}`;
    const opened = await dependencies.buckets.open(bucket);
    return { id: idOf(label, etag, path), label, path, size, etag, isSigned: true, link: () => opened.linkToGet(key) };
  });
  const fromWeb = sources
    .filter(({ from }) => bucketPlace(from) === undefined)
    .map(({ from, sha256, to }): PlannedFile => {
      const path = fileTarget(from, to);
      const link = async () => new URL(from).href;
      return { id: idOf(from, sha256, path), label: from, path, sha256, isSigned: false, link };
    });
  const files = [...fromWeb, ...(await Promise.all(fromBuckets))];
  return files.map((file) => ({ ...file, path: pathFor(instance, file.path) }));
}

/** What to do where the instance lacks something. */
const otherWay = 'Use an image that has it (resources.image), or files.up with files beside the job file.';

function downloadFailure(instanceName: string, { label, path, sha256 }: PlannedFile, failure: TransferFailure): Error {
  const { problem, httpStatus, said } = failure;
  const shown = said === '' ? '' : `: ${said}`;
  const failures: Readonly<Record<TransferProblem, readonly [FailureKind, string]>> = {
    http: ['input-refused', `${label} was refused with HTTP status ${httpStatus}.`],
    mismatch: [
      'input-refused',
      `${label} has the SHA-256 ${said} instead of ${sha256}. Correct files.up[].sha256, or the file.`,
    ],
    tls: ['input-refused', `The server of ${label} has no valid certificate${shown}`],
    link: ['input-refused', `${label} leads to something other than https${shown}`],
    network: ['input-unreachable', `${label} could not be downloaded to ${instanceName}${shown}`],
    full: [
      'instance-refused',
      `The disk of ${instanceName} has no room for ${label}. Set resources.storage to a larger size.`,
    ],
    write: ['instance-refused', `${label} could not be written to ${path} on ${instanceName}${shown}`],
    'is-folder': ['instance-refused', `${label} cannot be written to ${path}, which is a folder on ${instanceName}.`],
    gone: ['instance-refused', `${path} on ${instanceName} is gone.`],
    'no-tool': ['instance-refused', `${instanceName} has neither curl nor GNU Wget to download ${label}. ${otherWay}`],
    'no-sha256sum': ['instance-refused', `${instanceName} has no sha256sum to verify ${label}. ${otherWay}`],
  };
  const [kind, message] = failures[problem];
  return finalFailure(kind, message);
}
