import { uploadInputs } from '@gpu-clouds/jobs';
import { uploadReport } from '../output/upload-report.ts';
import { runStore } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

/** Uploads a folder or file to the run store, and prints the ID of the input for `files.up[].input` of jobs. */
export async function upload(
  path: string,
  { json }: { readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<void> {
  const id = await uploadInputs(await runStore(terminal), path, uploadReport(terminal));
  terminal.out(json ? JSON.stringify({ id }) : id);
}
