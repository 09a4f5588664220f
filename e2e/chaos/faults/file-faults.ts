import type { Fault } from './fault.ts';

/** What happens to files that runs download or send. */
export const fileFaults = {
  /** The server is slow, breaks off, is unavailable for a while, or has another file. */
  'file-server': { files: ['slow', 'cut', 'unavailable', 'other-bytes'] },
} as const satisfies Readonly<Record<string, Fault>>;
