/** Identifies the output of one node of a run. */
export interface OutputRef {
  /** The run's id. */
  readonly run: string;
  /** The node, from 0. */
  readonly node: number;
}

/** A file of a run, as listed by {@link RunStore.listFiles}. */
export interface StoredFile {
  /** The path within the run, such as `outputs/model/weights.bin`. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
}

/** How often to write output to a store. Output that arrives between two writes is written together. */
export interface OutputPace {
  /** Milliseconds between two writes. 0 means that output is written as it arrives. */
  readonly everyMs: number;
  /** Number of waiting bytes at which output is written without waiting any longer. */
  readonly bytes: number;
}

/**
 * Where output, outputs, and checkpoints of runs are kept, outside Temporal. All writes are idempotent: writing the same bytes at the
 * same place twice changes nothing, so that any worker can continue where a dead one stopped.
 *
 * File paths are relative, with `/` between names, and begin with `outputs/` or `checkpoints/`.
 * Every method throws {@link RunStoreError} if the store fails, and `RangeError` for an id or path that leads out of the run.
 */
export interface RunStore {
  /** How often to write output. Stores that bill each call are written to less often. */
  readonly pace: OutputPace;
  /** Checks that the store can be written to, before an instance is rented. Throws {@link RunStoreError} if it cannot. */
  check(): Promise<void>;
  /** Returns where a person finds the run: an absolute folder path, or a URL such as `s3://bucket/prefix/run`. */
  location(run: string): string;
  /** Returns the size of the stored output in bytes, or 0 if there is none. */
  outputSize(output: OutputRef): Promise<number>;
  /** Writes output at an offset in bytes and replaces what was there. A gap before the offset reads as zeros. */
  writeOutput(output: OutputRef, offset: number, bytes: Uint8Array): Promise<void>;
  /** Yields the output in pieces, from an offset in bytes to its current end. Yields nothing if there is none. */
  readOutput(output: OutputRef, from: number): AsyncIterable<Uint8Array>;
  /** Stores a file and replaces one with the same path. It appears only once it is complete. If `content` throws, that error is thrown again. */
  putFile(run: string, path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Yields the content of a file in pieces. Throws {@link RunStoreError} if there is no such file. */
  readFile(run: string, path: string): AsyncIterable<Uint8Array>;
  /** Yields all files below a folder, in any order. Yields nothing if there is no such folder. */
  listFiles(run: string, folder: string): AsyncIterable<StoredFile>;
  /** Removes a file, or a folder with all its content. Does nothing if the path does not exist. */
  removeFiles(run: string, path: string): Promise<void>;
}

/** The run store failed. The message says why and what to do. */
export class RunStoreError extends Error {
  override readonly name = 'RunStoreError';
  /** Whether a retry would fail too, such as for a file in place of a folder, or a name that the store refuses. Default: false. */
  readonly lasting: boolean;

  constructor(message: string, { lasting = false, ...options }: ErrorOptions & { readonly lasting?: boolean } = {}) {
    super(message, options);
    this.lasting = lasting;
  }
}
