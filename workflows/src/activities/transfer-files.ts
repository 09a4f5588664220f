import type { RunStore } from '@gpu-clouds/jobs';
import { outputPath, storedPath } from '@gpu-clouds/jobs/worker';
import { OutputQuota } from '../runs/output-quota.ts';
import { readInput } from '../runs/read-input.ts';
import { storeArchive } from '../runs/store-archive.ts';
import { pathFor } from '../ssh/share.ts';
import type { SshSession } from '../ssh/ssh-session.ts';
import { lookThere, MissingFileError, packFilesThere, readThere, unpackThere } from '../ssh/transfer.ts';
import type { Collected, TransferInput, UploadInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';

/** Unpacks inputs of the run store on the instance. May be repeated. */
export function uploadFiles(dependencies: Dependencies) {
  return async (input: UploadInput): Promise<void> => {
    const access = new InstanceAccess(dependencies, input);
    const copy = () =>
      access.session(async (session) => {
        for (const { input: id, to } of input.inputs)
          await unpackThere(session, readInput(dependencies.runs, id), pathFor(input.instance, to));
      });
    await withHeartbeats(copy, () => access.reached);
  };
}

/** Copies files of the instance into the run's outputs. May be repeated. */
export function collectFiles(dependencies: Dependencies) {
  return async (input: TransferInput): Promise<Collected> => {
    const access = new InstanceAccess(dependencies, input);
    const copy = () => access.session((session) => collectAll(dependencies, session, input));
    return withHeartbeats(copy, () => access.reached);
  };
}

async function collectAll(
  { runs }: Dependencies,
  session: SshSession,
  { run, instance, files, maxBytes = Number.POSITIVE_INFINITY }: TransferInput,
): Promise<Collected> {
  const quota = new OutputQuota(maxBytes);
  const outputs: string[] = [];
  const missing: string[] = [];
  for (const { from, to } of files) {
    const path = storedPath(`outputs/${outputPath({ from, to })}`);
    try {
      const count = await collect(runs, session, run, pathFor(instance, from), path, quota);
      if (count > 0) outputs.push(path.slice('outputs/'.length));
    } catch (error) {
      if (quota.exceeded !== undefined) return { outputs, missing, cut: `${from} ${quota.exceeded}` };
      if (!(error instanceof MissingFileError)) throw error;
      missing.push(from);
    }
  }
  return { outputs, missing };
}

/** @returns how many files there were */
async function collect(
  runs: RunStore,
  session: SshSession,
  run: string,
  from: string,
  path: string,
  quota: OutputQuota,
): Promise<number> {
  const found = await lookThere(session, from);
  if (found === 'folder') {
    return packFilesThere(session, from, (archive) => storeArchive(runs, run, path, quota.counted(archive), quota));
  }
  await readThere(session, from, found.size, (content) => runs.putFile(run, path, quota.counted(content), found));
  return 1;
}
