/** What the build adds to the compiler's output: the bundled workflows, so that a worker starts without webpack. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { failureConverterPath } from '@gpu-clouds/jobs/codec';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

// Converters are part of a bundle: one for clear failures, and one for the payload codec's.
const bundles = [
  { name: 'workflow-bundle.js', converters: {} },
  {
    name: 'workflow-bundle-encoding-failures.js',
    converters: { failureConverterPath: failureConverterPath() },
  },
];
for (const { name, converters } of bundles) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: dist('workflows/index.js'),
    workflowInterceptorModules: [dist('tracing/workflow-interceptors.js')],
    logger: new DefaultLogger('WARN'),
    ...converters,
  });
  await writeFile(dist(name), code);
}
