import { outputPath, storedPath } from '@gpu-clouds/jobs/worker';
import { readInput } from '../runs/read-input.ts';
import { storeArchive } from '../runs/store-archive.ts';
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
        for (const { input: id, to } of input.inputs) await unpackThere(session, readInput(dependencies.runs, id), to);
      });
    await withHeartbeats(copy, () => access.reached);
  };
}

/** Copies files of the instance into the run's outputs. May be repeated. */
export function collectFiles(dependencies: Dependencies) {
  return async (input: TransferInput): Promise<Collected> => {
    const { run, files } = input;
    const access = new InstanceAccess(dependencies, input);
    const copy = () =>
      access.session(async (session) => {
        const outputs: string[] = [];
        const missing: string[] = [];
        for (const { from, to } of files) {
          const path = storedPath(`outputs/${outputPath({ from, to })}`);
          try {
            const files = await collect(dependencies, session, run, from, path);
            if (files > 0) outputs.push(path.slice('outputs/'.length));
          } catch (error) {
            if (!(error instanceof MissingFileError)) throw error;
            missing.push(from);
          }
        }
        return { outputs, missing };
      });
    return withHeartbeats(copy, () => access.reached);
  };
}

/** @returns how many files there were */
async function collect(
  { runs }: Dependencies,
  session: SshSession,
  run: string,
  from: string,
  path: string,
): Promise<number> {
  const found = await lookThere(session, from);
  if (found === 'folder') return packFilesThere(session, from, (archive) => storeArchive(runs, run, path, archive));
  await readThere(session, from, found.size, (content) => runs.putFile(run, path, content));
  return 1;
}
