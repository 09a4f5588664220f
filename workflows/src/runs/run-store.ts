/**
 * Where the output and the collected files of runs are kept, outside Temporal. Writing the same bytes at the same place twice
 * changes nothing: that is what lets any worker go on where a dead one stopped.
 */
export interface RunStore {
  /** Bytes of output that are stored. 0 for a run that has none. */
  outputSize(run: string): Promise<number>;
  /** Writes output at an offset in bytes, over whatever is there. */
  writeOutput(run: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** Up to `length` bytes of output from an offset; fewer or none where it ends. */
  readOutput(run: string, offset: number, length: number): Promise<Uint8Array>;
  /** Absolute path of the folder where the collected files of a run go. It need not exist. */
  outputsFolder(run: string): string;
}
