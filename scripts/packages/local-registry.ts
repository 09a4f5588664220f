import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startSupervised } from '@gpu-clouds/dev';
import { makeEmptyProject } from './empty-project.ts';

export interface LocalRegistry {
  /** `.npmrc` lines that install packages of the scope from this registry, and allow publishing to it. */
  readonly npmrc: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Verdaccio depends on a dist-tag of node-fetch that no longer exists. An exact version works. */
const verdaccio = { dependencies: { verdaccio: '6.10.4' }, overrides: { 'node-fetch': '2.6.7' } };

/** Starts an empty package registry on loopback without an upstream registry. It keeps its packages in `storage`. */
export async function startLocalRegistry(storage: string): Promise<LocalRegistry> {
  const cache = join(import.meta.dirname, '../node_modules/.cache/verdaccio');
  const { folder } = await makeEmptyProject(cache, { ...verdaccio, keep: true });
  const port = await freePort();
  const everybody = { access: '$all', publish: '$all', unpublish: '$all' };
  const config = join(storage, 'config.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      storage: join(storage, 'packages'),
      packages: { '**': everybody },
      log: { type: 'stdout', format: 'json', level: 'info' },
      web: { enable: false },
      max_body_size: '50mb',
    }),
  );
  const bin = join(folder, 'node_modules/verdaccio/bin/verdaccio');
  const listen = ['--config', config, '--listen', `127.0.0.1:${port}`];
  const ready = Promise.withResolvers<void>();
  const server = startSupervised(process.execPath, [bin, ...listen], {
    cwd: storage,
    // In a container it runs as root, and warns about that.
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    onLine: (line) => {
      if (/http address/.test(line)) ready.resolve();
    },
  });
  void server.exited.then(() => ready.reject(new Error('the registry ended before it was ready')));
  await ready.promise;
  const url = `http://127.0.0.1:${port}/`;
  // Anyone may publish here, but clients refuse to publish without a token.
  const npmrc = `@gpu-clouds:registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\n`;
  return { url, npmrc, stop: () => server.close() };
}
