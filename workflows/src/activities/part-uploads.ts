import type { JobBucket } from '@gpu-clouds/jobs/worker';
import { idOf, type PlannedFile } from './linked-transfer.ts';

const mib = 1024 ** 2;
/** Larger files are sent in parts, so that a break costs one part and not the file. */
const partMib = 32;
/** S3's limit. */
const maxParts = 10_000;
/** A heartbeat has at most 2 MiB. */
const mostNoted = 1000;

/** A file of the instance, and the object that it becomes. */
export interface OutputFile {
  readonly bucket: JobBucket;
  readonly key: string;
  /** What it is called in messages. */
  readonly label: string;
  /** On the instance. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** The files of a job that are sent to S3 in parts. */
export class PartUploads {
  /** By label. */
  readonly #ids: Map<string, string>;
  readonly #begun = new Map<string, OutputFile>();

  /** @param known The uploads of an earlier attempt. */
  constructor(known: Readonly<Record<string, string>> = {}) {
    this.#ids = new Map(Object.entries(known));
  }

  /** The ids of uploads, for the next attempt, which begins the others again. They give no access. */
  get ids(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#ids].slice(0, mostNoted));
  }

  /** Returns what is to be sent of all files. */
  async all(files: readonly OutputFile[]): Promise<readonly PlannedFile[]> {
    const all: PlannedFile[] = [];
    for (const file of files) all.push(...(await this.#of(file)));
    return all;
  }

  /** Returns a file or its parts. */
  async #of(output: OutputFile): Promise<readonly PlannedFile[]> {
    const { bucket, key, label, path, size } = output;
    const rest = { label, path, isSigned: true };
    if (size <= 2 * partMib * mib) {
      return [{ ...rest, id: idOf(label, path), size, link: () => bucket.linkToPut(key) }];
    }
    const upload = this.#ids.get(label) ?? (await bucket.beginUpload(key));
    this.#ids.set(label, upload);
    this.#begun.set(label, output);
    return partsOf(size).map(({ begin, length, bytes }, index) => ({
      ...rest,
      id: idOf(label, path, upload, String(index)),
      size: bytes,
      part: { begin, length },
      link: () => bucket.linkToPutPart(key, upload, index + 1),
    }));
  }

  /** Makes objects of the parts, all of which are there. */
  async complete(): Promise<void> {
    for (const [label, { bucket, key, size }] of this.#begun) {
      const upload = this.#ids.get(label);
      if (upload !== undefined) await bucket.completeUpload(key, upload, size);
    }
  }

  /** Removes the parts, which cost money although no list shows them. What fails is left to a lifecycle rule. */
  async abort(): Promise<void> {
    const aborted = [...this.#begun].map(([label, { bucket, key }]) =>
      bucket.abortUpload(key, this.#ids.get(label) ?? ''),
    );
    await Promise.allSettled(aborted);
  }
}

/** Cuts a size into parts. `begin` and `length` are in MiB. */
export function partsOf(
  size: number,
): readonly { readonly begin: number; readonly length: number; readonly bytes: number }[] {
  const length = Math.max(partMib, Math.ceil(size / mib / maxParts));
  const count = Math.ceil(size / (length * mib));
  return Array.from({ length: count }, (_, index) => {
    const begin = index * length;
    return { begin, length, bytes: Math.min(length * mib, size - begin * mib) };
  });
}
