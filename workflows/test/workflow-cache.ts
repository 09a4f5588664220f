/** Options of the workers in tests: `pnpm test:uncached` keeps no workflow in memory, so that each of its steps begins with a replay. */
export function workflowCache(): { readonly maxCachedWorkflows?: number } {
  return process.env.GPU_CLOUDS_TEST_UNCACHED === undefined ? {} : { maxCachedWorkflows: 0 };
}
