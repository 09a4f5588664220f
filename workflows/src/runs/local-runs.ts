import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RunStore } from './run-store.ts';

/**
 * Runs in a folder of this machine: `<folder>/<run>/output.log` and `<folder>/<run>/outputs/`.
 * @param folder Default `.gpu-clouds/runs` in the working directory.
 */
export function localRuns(folder = '.gpu-clouds/runs'): RunStore {
  const root = resolve(folder);
  const outputFile = (run: string) => join(root, safe(run), 'output.log');
  return {
    async outputSize(run) {
      return stat(outputFile(run)).then(
        ({ size }) => size,
        () => 0,
      );
    },
    async writeOutput(run, offset, bytes) {
      const path = outputFile(run);
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'a').then(async (created) => {
        // 'a' makes the file but ignores positions; 'r+' minds positions but does not make the file.
        await created.close();
        return open(path, 'r+');
      });
      try {
        await file.write(bytes, 0, bytes.byteLength, offset);
      } finally {
        await file.close();
      }
    },
    async readOutput(run, offset, length) {
      const file = await open(outputFile(run), 'r').catch(() => undefined);
      if (file === undefined) return new Uint8Array();
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    outputsFolder: (run) => join(root, safe(run), 'outputs'),
  };
}

/** A run's id is the name of a folder: nothing that could lead out of it. */
function safe(run: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(run)) {
    throw new RangeError(`"${run}" is no id of a run: use letters, digits, dots, hyphens and underscores.`);
  }
  return run;
}
