/** Program that sdk-download.ts runs. It starts and stops a server, so that the SDK downloads it. Arguments: name, folder. */
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
