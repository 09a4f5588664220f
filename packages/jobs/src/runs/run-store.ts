/** The output of one instance of a run. */
export interface OutputRef {
  /** Id of the run. */
  readonly run: string;
  /** 0 for the only or first one. */
  readonly node: number;
}

/** A file of a run, as {@link RunStore.listFiles} finds it. */
export interface StoredFile {
  /** As it was put, such as `outputs/model/weights.bin`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** How output is best written: what comes meanwhile is written at once. */
export interface OutputPace {
  /** Milliseconds that output may wait. 0: it is written as it comes. */
  readonly everyMs: number;
  /** Bytes that are never kept waiting. */
  readonly bytes: number;
}

/**
 * Where the output and the files of runs are kept, outside Temporal. Nothing here depends on who wrote before: writing the same bytes
 * at the same place twice changes nothing, and that is what lets any worker go on where a dead one stopped.
 *
 * The path of a file is relative, with `/` between names, and begins with `outputs/` (what the job wants back) or `checkpoints/`.
 * Every method throws {@link RunStoreError} when the store fails, and RangeError for an id or path that would lead out of the run.
 */
export interface RunStore {
  /** How the store wants to be written to: one that is paid by the call is written to less often. */
  readonly pace: OutputPace;
  /** Throws {@link RunStoreError} when nothing could be stored: better known before an instance is rented. */
  check(): Promise<void>;
  /** Where a person finds the run: the absolute path of a folder, or a URL such as `s3://bucket/prefix/run`. */
  location(run: string): string;
  /** Bytes of output that are stored. 0 when there is none. */
  outputSize(output: OutputRef): Promise<number>;
  /** Writes output at an offset in bytes, over whatever is there; what was left out before it reads as zeros. */
  writeOutput(output: OutputRef, offset: number, bytes: Uint8Array): Promise<void>;
  /** The output from an offset in bytes to its present end, in pieces; nothing when there is none. */
  readOutput(output: OutputRef, from: number): AsyncIterable<Uint8Array>;
  /** Stores a file, over one that has the path. It is there once it is whole, and never when the content throws: that error is passed on. */
  putFile(run: string, path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Throws {@link RunStoreError} when there is no such file. */
  readFile(run: string, path: string): AsyncIterable<Uint8Array>;
  /** All files in a folder, however deep, in no order. None when there is no such folder. */
  listFiles(run: string, folder: string): AsyncIterable<StoredFile>;
  /** Removes a file, or a folder with all that is in it. What is not there, is removed. */
  removeFiles(run: string, path: string): Promise<void>;
}

/** The place where runs are kept does not do what it has to. The message says what to mend. */
export class RunStoreError extends Error {
  override readonly name = 'RunStoreError';
  /** True when another attempt would meet the same: a file where a folder is to be, a name that the store does not take. */
  readonly lasting: boolean;

  constructor(message: string, { lasting = false, ...options }: ErrorOptions & { readonly lasting?: boolean } = {}) {
    super(message, options);
    this.lasting = lasting;
  }
}
