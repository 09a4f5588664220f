import { createHash } from 'node:crypto';
import { bucketPlace, bucketPlaceFor, type FailureKind, type SentFiles } from '@gpu-clouds/jobs/contract';
import { fileTarget, isSafeName } from '@gpu-clouds/jobs/worker';
import { checkGpus } from '../ssh/gpu-check.ts';
import { stepOfAttempt } from '../ssh/remote-step.ts';
import { pathFor } from '../ssh/share.ts';
import type { SshSession } from '../ssh/ssh-session.ts';
import { listFilesThere, lookThere, MissingFileError } from '../ssh/transfer.ts';
import type { TransferFailure, TransferProblem } from '../ssh/transfer-reports.ts';
import { downloadScript, uploadScript } from '../ssh/transfer-script.ts';
import { objectsOf, reachable } from './bucket-sources.ts';
import type { DownloadInput, SendInput, Sent } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';
import { type Direction, LinkedTransfer, type PlannedFile } from './linked-transfer.ts';

/** S3's limit for an object that is sent in one request. */
const maxPutGib = 5;
/** Files that one node sends. */
const maxFiles = 10_000;

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
      stuck: () => finalFailure('input-unreachable', `The downloads of ${instanceName} do not get on.`),
    });
    const work = () =>
      access.session(async (session) => {
        if (input.gpus !== undefined) await checkGpus(session, stepOfAttempt(instance, 'download'), input.gpus);
        await transfer.run(session);
      });
    await withHeartbeats(work, () => transfer.details);
  };
}

/**
 * Lets the instance send files to S3. May be repeated.
 * @throws ApplicationFailure `output-refused`, `instance-refused`
 */
export function sendFiles(dependencies: Dependencies) {
  return async (input: SendInput): Promise<Sent> => {
    const { instance } = input;
    const { instanceName } = instance;
    const access = new InstanceAccess(dependencies, input);
    let transfer: LinkedTransfer | undefined;
    const work = () =>
      access.session(async (session) => {
        const { files, missing, sent, tooLarge } = await outputs(dependencies, session, input);
        const direction: Direction = {
          step: 'send',
          instance,
          script: (linked) => uploadScript(linked, dependencies.timing.transferPauseMs),
          plan: async () => files,
          failure: (file, failure) => sendFailure(instanceName, file, failure),
          stuck: () => finalFailure('output-refused', `${instanceName} does not get on with sending files to S3.`),
        };
        transfer = new LinkedTransfer(access, direction);
        await transfer.run(session);
        if (tooLarge !== undefined) throw finalFailure('output-refused', tooLarge);
        return { missing, sent };
      });
    return withHeartbeats(work, () => transfer?.details ?? access.reached);
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

/** Another one for another content. It is part of a file name on the instance. */
function idOf(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

interface Outputs extends Sent {
  readonly files: readonly PlannedFile[];
  /** Why some files are not among them. */
  readonly tooLarge?: string | undefined;
}

/** What the instance is to send, and where. */
async function outputs(dependencies: Dependencies, session: SshSession, input: SendInput): Promise<Outputs> {
  const files: PlannedFile[] = [];
  const large: string[] = [];
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
    const small = found.files.filter(({ size }) => size <= maxPutGib * 1024 ** 3);
    large.push(
      ...found.files.filter((file) => !small.includes(file)).map(({ name }) => [from, name].filter(Boolean).join('/')),
    );
    for (const { name, size } of small) {
      const key = [base, name].filter(Boolean).join('/');
      const path = [there.replace(/\/+$/, ''), name].filter(Boolean).join('/');
      const label = `s3://${place.bucket}/${key}`;
      files.push({ id: idOf(label, path), label, path, size, isSigned: true, link: () => bucket.linkToPut(key) });
    }
    const bytes = small.reduce((sum, { size }) => sum + size, 0);
    if (small.length > 0) sent.push({ to: `s3://${place.bucket}/${base}`, files: small.length, bytes });
  }
  if (files.length > maxFiles) {
    throw finalFailure(
      'output-refused',
      `The job sends more than ${maxFiles} files to S3. Pack them, for example with tar.`,
    );
  }
  const tooLarge =
    large.length === 0
      ? undefined
      : `${large.slice(0, 5).join(', ')} has more than ${maxPutGib} GiB, which S3 does not take in one request. Split it, for example with: split -b 4G`;
  return { files, missing, sent, tooLarge };
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
  const why = problem === 'http' ? `HTTP status ${httpStatus}` : said;
  const hint = httpStatus === 403 ? " Grant the worker's credentials s3:PutObject." : '';
  return finalFailure('output-refused', `${path} on ${instanceName} could not be sent to ${label}: ${why}.${hint}`);
}
