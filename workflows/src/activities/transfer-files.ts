import { download, MissingFileError, upload } from '../ssh/transfer.ts';
import type { Collected, TransferInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { MachineAccess } from './machine-access.ts';

/** Copies files of the worker to the machine. */
export function uploadFiles(dependencies: Dependencies) {
  return async ({ machine, files }: TransferInput): Promise<void> => {
    const access = new MachineAccess(dependencies, machine);
    const copy = () =>
      access.session(async (session) => {
        for (const { from, to } of files) {
          await upload(session, from, to).catch((error: unknown) => {
            throw error instanceof MissingFileError ? finalFailure('invalid', error.message) : error;
          });
        }
      });
    await withHeartbeats(copy, () => access.reached);
  };
}

/** Copies files of the machine into the run's outputs folder. */
export function collectFiles(dependencies: Dependencies) {
  return async ({ run, machine, files }: TransferInput): Promise<Collected> => {
    const access = new MachineAccess(dependencies, machine);
    const folder = dependencies.runs.outputsFolder(run);
    const copy = () =>
      access.session(async (session) => {
        const outputs: string[] = [];
        const missing: string[] = [];
        for (const { from, to } of files) {
          try {
            outputs.push(await download(session, from, folder, to));
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
