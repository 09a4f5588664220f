import { bucketPlaceFor, type SentFiles } from '@gpu-clouds/jobs/contract';
import { isSafeName } from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { pathFor } from '../ssh/share.ts';
import type { SshSession } from '../ssh/ssh-session.ts';
import { listFilesThere, lookThere, MissingFileError } from '../ssh/transfer.ts';
import type { TransferFailure } from '../ssh/transfer-reports.ts';
import { uploadScript } from '../ssh/transfer-script.ts';
import { reachable } from './bucket-sources.ts';
import type { SendInput, Sent } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess, type Reached } from './instance-access.ts';
import { LinkedTransfer, type PlannedFile } from './linked-transfer.ts';
import { type OutputFile, PartUploads } from './part-uploads.ts';

/** Files that one node sends. */
const maxFiles = 10_000;

/** What one attempt leaves to the next. */
interface Sending extends Reached {
  readonly uploads?: Readonly<Record<string, string>> | undefined;
}

/**
 * Lets the instance send files to S3, large ones in parts. May be repeated.
 * @throws ApplicationFailure `output-refused`, `instance-refused`
 */
export function sendFiles(dependencies: Dependencies) {
  return async (input: SendInput): Promise<Sent> => {
    const last: Sending | undefined = Context.current().info.heartbeatDetails;
    const { instance } = input;
    const { instanceName } = instance;
    const access = new InstanceAccess(dependencies, input);
    const parts = new PartUploads(last?.uploads);
    const { transferPauseMs } = dependencies.timing;
    let outputs: Outputs = { files: [], sent: [], missing: [] };
    const transfer = new LinkedTransfer(access, {
      step: 'send',
      instance,
      script: (files) => uploadScript(files, transferPauseMs),
      plan: () => parts.all(outputs.files),
      failure: (file, failure) => sendFailure(instanceName, file, failure),
      stuck: () => finalFailure('output-refused', `${instanceName} makes no progress with sending files to S3.`),
    });
    const work = () =>
      access.session(async (session) => {
        outputs = await outputsOf(dependencies, session, input);
        await reachable('output-refused', async () => {
          await transfer.run(session);
          await parts.complete();
        });
        return { sent: outputs.sent, missing: outputs.missing };
      });
    try {
      return await withHeartbeats(work, () => ({ ...transfer.details, uploads: parts.ids }));
    } catch (error) {
      if (error instanceof ApplicationFailure && error.nonRetryable === true) await parts.abort();
      throw error;
    }
  };
}

interface Outputs extends Sent {
  readonly files: readonly OutputFile[];
}

/** What the instance is to send, and where. */
async function outputsOf(dependencies: Dependencies, session: SshSession, input: SendInput): Promise<Outputs> {
  const files: OutputFile[] = [];
  const missing: string[] = [];
  const sent: SentFiles[] = [];
  for (const { from, to } of input.files) {
    const refusal = dependencies.buckets.refusal(to);
    const place = bucketPlaceFor(to, input.run);
    if (refusal !== undefined || place === undefined)
      throw finalFailure('invalid', refusal ?? `${to} is not a bucket.`);
    const there = pathFor(input.instance, from);
    const found = await filesThere(session, there).catch((error: unknown) => {
      if (!(error instanceof MissingFileError)) throw error;
      missing.push(from);
    });
    if (found === undefined) continue;
    const bucket = await reachable('output-refused', () => dependencies.buckets.open(place.bucket));
    const base = keyOf(place.key, from, { node: input.node, isFolder: found.isFolder });
    for (const { name, size } of found.files) {
      const key = [base, name].filter(Boolean).join('/');
      const path = [there.replace(/\/+$/, ''), name].filter(Boolean).join('/');
      files.push({ bucket, key, label: `s3://${place.bucket}/${key}`, path, size });
    }
    const bytes = found.files.reduce((sum, { size }) => sum + size, 0);
    if (found.files.length > 0) sent.push({ to: `s3://${place.bucket}/${base}`, files: found.files.length, bytes });
  }
  if (files.length <= maxFiles) return { files, missing, sent };
  throw finalFailure(
    'output-refused',
    `The job sends more than ${maxFiles} files to S3. Pack them, for example with tar.`,
  );
}

/** Where a file goes, or the files of a folder. All of several nodes stays below the place that the job names. */
function keyOf(
  key: string,
  from: string,
  { node, isFolder }: { readonly node?: number | undefined; readonly isFolder: boolean },
): string {
  const goesInto = key === '' || key.endsWith('/') || (node !== undefined && !isFolder);
  const last = from.split('/').findLast((name) => name !== '') ?? '';
  const names = [...key.split('/'), ...(node === undefined ? [] : [`node-${node}`]), ...(goesInto ? [last] : [])];
  return names.filter((name) => name !== '').join('/');
}

async function filesThere(session: SshSession, from: string) {
  const found = await lookThere(session, from);
  if (found !== 'folder') return { isFolder: false, files: [{ name: '', size: found.size }] };
  const files = await listFilesThere(session, from, maxFiles);
  const wrong = files.find(({ name }) => !isSafeName(name));
  if (wrong === undefined) return { isFolder: true, files };
  throw finalFailure('output-refused', `A file in ${from} has a name that cannot be the name of an object. Rename it.`);
}

function sendFailure(
  instanceName: string,
  { label, path }: PlannedFile,
  { problem, httpStatus, said }: TransferFailure,
): Error {
  if (problem === 'no-tool') {
    return finalFailure(
      'instance-refused',
      `${instanceName} has neither curl nor GNU Wget to send ${path}. Use an image that has it.`,
    );
  }
  if (problem === 'gone')
    return finalFailure('output-refused', `${path} disappeared from ${instanceName} before it was sent.`);
  if (problem === 'full') {
    return finalFailure(
      'instance-refused',
      `${instanceName} has no room for the part of ${path} that is to be sent. Set resources.storage to a larger size.`,
    );
  }
  const why = problem === 'http' ? `HTTP status ${httpStatus}` : said;
  const hint = httpStatus === 403 ? " Grant the worker's credentials s3:PutObject." : '';
  return finalFailure('output-refused', `${path} on ${instanceName} could not be sent to ${label}: ${why}.${hint}`);
}
