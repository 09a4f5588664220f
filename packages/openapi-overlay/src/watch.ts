import { EventEmitter, once } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Calls `run`, and again after each change of one of `files`, until `signal` aborts. `run` may add files. The folders are watched,
 * because editors replace a file instead of writing to it. Changes during a run lead to one more run.
 */
export async function runOnChange(
  files: ReadonlySet<string>,
  run: () => Promise<unknown>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const changes = new EventEmitter();
  const watchers = new Map<string, FSWatcher>();
  const watchFolders = (): void => {
    for (const folder of new Set([...files].map((file) => dirname(resolve(file))))) {
      if (watchers.has(folder)) continue;
      const watcher = watch(folder, (_, name) => {
        const isWatched = name === null || [...files].some((file) => resolve(file) === join(folder, name));
        if (isWatched) changes.emit('change');
      });
      watchers.set(folder, watcher);
    }
  };
  try {
    watchFolders();
    while (!signal.aborted) {
      const change = once(changes, 'change', { signal }).catch(() => undefined);
      await run();
      watchFolders();
      await change;
    }
  } finally {
    for (const watcher of watchers.values()) watcher.close();
  }
}
