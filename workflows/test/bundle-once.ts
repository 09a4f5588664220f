import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveTemporalServer, resolveTimeSkippingServer } from '@gpu-clouds/dev';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { workflowInterceptorModules, workflowsPath } from '../src/worker/workflow-code.ts';

declare module 'vitest' {
  interface ProvidedContext {
    workflowBundle: string;
  }
}

/** Bundles the workflows once for all test files, and fetches the Temporal servers before the first of them has a timeout. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  await Promise.all([resolveTemporalServer({ log }), resolveTimeSkippingServer({ log })]);
  const { code } = await bundleWorkflowCode({
    workflowsPath: workflowsPath(),
    workflowInterceptorModules: workflowInterceptorModules(),
    logger: new DefaultLogger('WARN'),
  });
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-bundle-'));
  const codePath = join(folder, 'workflows.js');
  await writeFile(codePath, code);
  provide('workflowBundle', codePath);
  return () => rm(folder, { recursive: true, force: true });
}
