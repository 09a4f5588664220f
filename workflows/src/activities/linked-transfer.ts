import { createHash } from 'node:crypto';
import type { JobTransfer } from '@gpu-clouds/jobs/contract';
import { followStep, startStep, stepOfAttempt } from '../ssh/remote-step.ts';
import type { Shared } from '../ssh/share.ts';
import type { SshSession } from '../ssh/ssh-session.ts';
import { type TransferFailure, TransferReports } from '../ssh/transfer-reports.ts';
import type { LinkedFile } from '../ssh/transfer-script.ts';
import type { InstanceAccess } from './instance-access.ts';

/** A file to be transferred, before there is a link. */
export interface PlannedFile extends Omit<LinkedFile, 'link'> {
  /** What it is called in messages. All parts of a file have the same. */
  readonly label: string;
  /** Makes a link. */
  readonly link: () => Promise<string>;
  /** Whether the link is signed and ends to be valid. */
  readonly isSigned: boolean;
}

type Access = Pick<InstanceAccess, 'reached' | 'hideLinks' | 'say'>;

/** One direction of transfers. */
export interface Direction {
  readonly step: 'download' | 'send';
  readonly instance: Shared;
  /** Each step has links of its own. Default: 250. */
  readonly filesPerStep?: number | undefined;
  readonly script: (files: readonly LinkedFile[]) => string;
  /** Lists the files, again when one of them turns out to have changed. */
  readonly plan: () => Promise<readonly PlannedFile[]>;
  /** The failure that ends the transfer. What the instance said has no secrets. */
  readonly failure: (file: PlannedFile, failure: TransferFailure) => Error;
  /** The failure if the transfer makes no progress and the instance does not say why. */
  readonly stuck: () => Error;
}

/** Returns the id of a file: another one for another content. It is part of a file name on the instance. */
export function idOf(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Steps without any progress after which the transfer fails. */
const mostIdleSteps = 3;
/** Answers to a link that is not valid any more (400 after the session of a role), or to an object that has changed. */
const maybeStale: ReadonlySet<number> = new Set([400, 403, 404, 412]);

/** Transfers of one activity. */
export class LinkedTransfer {
  readonly #access: Access;
  readonly #direction: Direction;
  readonly #reports = new TransferReports();
  /** Refusals of each file, and how much it had then. */
  readonly #refused = new Map<string, number>();
  #files: readonly PlannedFile[] = [];

  constructor(access: Access, direction: Direction) {
    this.#access = access;
    this.#direction = direction;
  }

  /** Heartbeat details. */
  get details() {
    return { ...this.#access.reached, transfer: this.#progress() };
  }

  /**
   * Runs one step after the other on the instance until all files are transferred. A worker that takes over follows the same steps from the
   * first one on and so learns what is done. Each further step gets new links.
   * @throws What the direction says about a file that cannot be transferred.
   */
  async run(session: SshSession): Promise<readonly PlannedFile[]> {
    const { plan, stuck, filesPerStep = 250 } = this.#direction;
    this.#files = await plan();
    let idle = 0;
    for (let count = 1; ; count++) {
      const waiting = this.#files.filter(({ id }) => !this.#reports.isDone(id));
      if (waiting.length === 0) return this.#files;
      // A link that was refused is tried first when it is new.
      const ordered = waiting.toSorted((a, b) => Number(this.#refused.has(b.id)) - Number(this.#refused.has(a.id)));
      const before = this.#bytes() + this.#doneCount();
      const refusals = this.#refused.size;
      const isNew = await this.#step(session, count, ordered.slice(0, filesPerStep));
      const gotOn = this.#bytes() + this.#doneCount() > before;
      // A step of an earlier attempt may have had other files.
      idle = gotOn || !isNew ? 0 : idle + 1;
      if (idle > mostIdleSteps) throw stuck();
      if (this.#refused.size > refusals) this.#files = await plan();
    }
  }

  async #step(session: SshSession, count: number, files: readonly PlannedFile[]): Promise<boolean> {
    const { step, instance, script } = this.#direction;
    const linked = await Promise.all(files.map(async (file) => ({ ...file, link: await file.link() })));
    this.#access.hideLinks(linked.flatMap(({ link }) => URL.parse(link)?.searchParams.get('X-Amz-Signature') ?? []));
    const remote = stepOfAttempt(instance, step, count);
    const isNew = await startStep(session, remote, script(linked));
    this.#reports.begin();
    await followStep(session, remote, 0, async (bytes) => {
      this.#reports.push(bytes);
      for (const failure of this.#reports.takeFailures()) this.#note(failure);
      return 'more';
    });
    return isNew;
  }

  #note(failure: TransferFailure): void {
    const { id, problem, httpStatus } = failure;
    const file = this.#files.find((each) => each.id === id);
    if (file === undefined || this.#reports.isDone(id)) return;
    const bytes = this.#reports.bytesOf(id);
    const isStale = problem === 'http' && file.isSigned && maybeStale.has(httpStatus);
    // The second time in a row, it was a new link.
    if (!isStale || this.#refused.get(id) === bytes) {
      throw this.#direction.failure(file, { ...failure, said: this.#access.say(failure.said) });
    }
    this.#refused.set(id, bytes);
  }

  #bytes(): number {
    return this.#files.reduce((sum, { id, size }) => sum + this.#reports.bytesOf(id, size), 0);
  }

  #doneCount(): number {
    return this.#files.filter(({ id }) => this.#reports.isDone(id)).length;
  }

  #progress(): JobTransfer {
    const sizes = this.#files.map(({ id, size }) => size ?? this.#reports.sizeOf(id));
    const known = sizes.filter((size) => size !== undefined);
    const labels = new Set(this.#files.map(({ label }) => label));
    const waiting = new Set(this.#files.flatMap(({ id, label }) => (this.#reports.isDone(id) ? [] : label)));
    return {
      files: labels.size - waiting.size,
      totalFiles: labels.size,
      bytes: this.#bytes(),
      totalBytes: known.length === sizes.length ? known.reduce((sum, size) => sum + size, 0) : undefined,
    };
  }
}
