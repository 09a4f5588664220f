import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleEntry } from './bundle-entry.ts';
import type { Runtime } from './runtime.ts';

/** The part of miniflare that is used here. It is installed with the other runtimes, not in this workspace. */
interface MiniflareModule {
  readonly Miniflare: new (options: {
    readonly modules: true;
    readonly script: string;
    readonly compatibilityDate: string;
  }) => {
    dispatchFetch(url: string, init: { method: string; body: string }): Promise<Response>;
    dispose(): Promise<void>;
  };
}

/** The runtime of Cloudflare Workers. */
export const workerd: Runtime = async ({ project, runtimes }, setting) => {
  const require = createRequire(join(runtimes.folder, 'package.json'));
  const { Miniflare } = (await import(pathToFileURL(require.resolve('miniflare')).href)) as MiniflareModule;
  const script = await bundleEntry(project.folder, 'entry-worker.ts', ['workerd', 'worker']);
  const worker = new Miniflare({ modules: true, script, compatibilityDate: '2026-07-01' });
  try {
    const response = await worker.dispatchFetch('http://smoke/', { method: 'POST', body: JSON.stringify(setting) });
    const answer = (await response.json()) as readonly string[];
    if (!response.ok) throw new Error(String(answer));
    const { version } = createRequire(require.resolve('miniflare'))('workerd/package.json');
    return { version, passed: answer };
  } finally {
    await worker.dispose();
  }
};
