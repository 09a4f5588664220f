import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failureConverterPath } from '@gpu-clouds/jobs/codec';
import type { DataConverter } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';

/**
 * From a built package its prebuilt bundle; from source, or where a build left none, the workflows themselves, bundled at start. So too
 * with converters of somebody else's, since they have to be in the bundle.
 */
export function workflowCode(
  dataConverter: DataConverter = {},
): Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle' | 'interceptors'> {
  const prebuilt = prebuiltBundle(dataConverter);
  if (prebuilt !== undefined && existsSync(prebuilt)) return { workflowBundle: { codePath: prebuilt } };
  return { workflowsPath: workflowsPath(), interceptors: { workflowModules: workflowInterceptorModules() } };
}

function prebuiltBundle({ failureConverterPath: failures, payloadConverterPath }: DataConverter): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  const names = new Map([
    [undefined, 'workflow-bundle.js'],
    [failureConverterPath(), 'workflow-bundle-encoding-failures.js'],
  ]);
  const name = names.get(failures);
  return name === undefined ? undefined : fileURLToPath(new URL(`../${name}`, import.meta.url));
}

/** Returns the path of the module that exports the workflows, for your own worker or bundle. */
export function workflowsPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
}

/** Returns the interceptor modules to pass to `bundleWorkflowCode` for your own bundle. Without them, traces stop at the workflow. */
export function workflowInterceptorModules(): string[] {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return [fileURLToPath(new URL(`../tracing/workflow-interceptors.${extension}`, import.meta.url))];
}
