/** Identifies the output of one node of a run in one attempt of the command, or a record beside it. */
export interface OutputRef {
  /** The run's id. */
  readonly run: string;
  /** The node, from 0. */
  readonly node: number;
  /**
   * `gpu`: the samples of the node's GPUs, see {@link readGpuSamples}. `times`: when the output was stored, see {@link sinceOffset}. Default:
   * `output`, what its scripts wrote.
   */
  readonly record?: 'output' | 'gpu' | 'times' | undefined;
  /** The attempt, from 1. Default: 1, the only one unless the job has `retry.onFailure`. */
  readonly attempt?: number | undefined;
}

/** Output that is stored, as listed by {@link RunStore.listOutput}. */
export interface ListedOutput extends OutputRef {
  /** The attempt, from 1. */
  readonly attempt: number;
}

/** A file of a run, as listed by {@link RunStore.listFiles}. */
export interface StoredFile {
  /** The path within the run, such as `outputs/model/weights.bin`. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Properties of one stored file. */
export interface FileProperties {
  /** Size in bytes. */
  readonly size: number;
  /** Whether the file could be executed where it came from. */
  readonly executable: boolean;
}

/** A run or an input in a store, and when it was last changed or used. */
export interface StoredItem {
  /** Id of the run or of the input. */
  readonly id: string;
  /** Milliseconds since the epoch, by the clock of the store. */
  readonly changedAt: number;
}

/**
 * The files that jobs upload, as archives named after their content: an input is a gzip-compressed tar archive, and its id is the SHA-256 of
 * the uncompressed archive in lowercase hex.
 */
export interface InputStore {
  /** Stores an archive. It appears only once it is complete. If `content` throws, that error is thrown again. */
  put(id: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Marks an input as used now, so that it is kept. Returns false if there is no such input. */
  touch(id: string): Promise<boolean>;
  /** Yields the compressed archive in pieces. Throws {@link RunStoreError} if there is no such input. */
  read(id: string): AsyncIterable<Uint8Array>;
  /** Yields all inputs, in any order. */
  list(): AsyncIterable<StoredItem>;
  /** Removes an input. Does nothing if there is no such input. */
  remove(id: string): Promise<void>;
}

/** Small texts by name that no run owns: the hashes of the API tokens, see `@gpu-clouds/server`. Names have up to 60 letters, digits, and hyphens. */
export interface TokenStore {
  /** Stores a text, and replaces one with the same name. Throws `RangeError` for an invalid name. */
  put(name: string, text: string): Promise<void>;
  /** Yields all texts, in any order. */
  list(): AsyncIterable<{ readonly name: string; readonly text: string }>;
  /** Removes a text. Returns false if there is none with this name. */
  remove(name: string): Promise<boolean>;
}

/** How often to write output to a store. Output that arrives between two writes is written together. */
export interface OutputPace {
  /** Milliseconds between two writes. 0 means that output is written as it arrives. */
  readonly everyMs: number;
  /** Number of waiting bytes at which output is written without waiting any longer. */
  readonly bytes: number;
}

/**
 * Where inputs, output, outputs, and checkpoints of runs are kept, outside Temporal. All writes are idempotent: writing the same bytes at the
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
  /**
   * Returns the id of the store, which the first caller generates. A run names it, and a worker with another store refuses the run before it
   * rents anything.
   */
  id(): Promise<string>;
  /** The files that jobs upload. */
  readonly inputs: InputStore;
  /** What the API tokens are checked against. */
  readonly tokens: TokenStore;
  /** Returns where a person finds the run: an absolute folder path, or a URL such as `s3://bucket/prefix/run`. */
  location(run: string): string;
  /** Returns the output that is stored of a run: of which nodes and attempts, in any order. Empty output is left out. */
  listOutput(run: string): Promise<readonly ListedOutput[]>;
  /** Returns the size of the stored output in bytes, or 0 if there is none. */
  outputSize(output: OutputRef): Promise<number>;
  /** Writes output at an offset in bytes and replaces what was there. A gap before the offset reads as zeros. */
  writeOutput(output: OutputRef, offset: number, bytes: Uint8Array): Promise<void>;
  /** Yields the output in pieces, from an offset in bytes to its current end. Yields nothing if there is none. */
  readOutput(output: OutputRef, from: number): AsyncIterable<Uint8Array>;
  /** Stores a file and replaces one with the same path. It appears only once it is complete. If `content` throws, that error is thrown again. */
  putFile(run: string, path: string, content: AsyncIterable<Uint8Array>, options?: PutFileOptions): Promise<void>;
  /** Returns the properties of a file, or undefined if there is no such file. */
  statFile(run: string, path: string): Promise<FileProperties | undefined>;
  /** Yields the content of a file in pieces. Throws {@link RunStoreError} if there is no such file. */
  readFile(run: string, path: string): AsyncIterable<Uint8Array>;
  /** Yields all files below a folder, in any order. Yields nothing if there is no such folder. */
  listFiles(run: string, folder: string): AsyncIterable<StoredFile>;
  /** Removes a file, or a folder with all its content. Does nothing if the path does not exist. */
  removeFiles(run: string, path: string): Promise<void>;
  /** Yields all runs of which something is stored, in any order. */
  listRuns(): AsyncIterable<StoredItem>;
  /** Removes everything of a run. Does nothing if there is no such run. */
  removeRun(run: string): Promise<void>;
}

/** Options of {@link RunStore.putFile}. */
export interface PutFileOptions {
  /** Whether the file can be executed. Default: false. */
  readonly executable?: boolean | undefined;
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
