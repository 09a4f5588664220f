/** What the build adds to the compiler's output: the bundled workflows, so that a worker starts without webpack, and the schema. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: dist('workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
await writeFile(dist('workflow-bundle.js'), code);

await mkdir(dist('generated'), { recursive: true });
await copyFile(new URL('../src/generated/job.schema.json', import.meta.url), dist('generated/job.schema.json'));
