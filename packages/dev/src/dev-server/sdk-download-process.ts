/** Run by sdk-download.ts: makes the SDK download a server by starting and stopping one. Arguments: name, folder. */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [name, downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('usage: sdk-download-process NAME FOLDER');
const server = { executable: { type: 'cached-download', downloadDir } } as const;
try {
  const environment =
    name === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
