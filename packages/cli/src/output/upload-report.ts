import { basename } from 'node:path';
import type { InputSummary, UploadOptions } from '@gpu-clouds/jobs';
import type { Terminal } from '../terminal.ts';
import { size } from './format.ts';

/** Maximum number of skipped files that are listed. */
const maxShown = 10;
/** Milliseconds between two lines about one upload. */
const progressIntervalMs = 2000;

/** Shows what is uploaded, what is left out and why, and how far a long upload is. Files with credentials of the environment are left out. */
export function uploadReport({ env, note }: Pick<Terminal, 'env' | 'note'>): UploadOptions {
  let shownAt = Date.now();
  return {
    env,
    onSummary(summary) {
      shownAt = Date.now();
      for (const line of summaryLines(summary)) note(line);
    },
    onProgress({ from, bytes, totalBytes }) {
      if (Date.now() - shownAt < progressIntervalMs) return;
      shownAt = Date.now();
      note(`uploading ${basename(from)}: ${size(bytes)} of ${size(totalBytes)}`);
    },
  };
}

function summaryLines({ from, files, bytes, known, skipped }: InputSummary): readonly string[] {
  const count = files === 1 ? '1 file' : `${files} files`;
  const shown = skipped
    .slice(0, maxShown)
    .map(
      ({ path, reason, ...file }) =>
        `  left out ${path}${file.size === undefined ? '' : ` (${size(file.size)})`}: ${reason}`,
    );
  const more = skipped.length - shown.length;
  return [
    `${basename(from)}: ${count}, ${size(bytes)}${known ? ', already in the run store' : ', uploading'}`,
    ...shown,
    ...(more > 0 ? [`  left out ${more} more`] : []),
  ];
}
