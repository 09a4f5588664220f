/** Why a file was not transferred, in the words of the script. */
export type TransferProblem =
  | 'http'
  | 'network'
  | 'tls'
  | 'link'
  | 'mismatch'
  | 'full'
  | 'write'
  | 'is-folder'
  | 'gone'
  | 'no-tool'
  | 'no-sha256sum';

/** A file that was not transferred. */
export interface TransferFailure {
  readonly id: string;
  readonly problem: TransferProblem;
  /** 0 if there was no answer. */
  readonly httpStatus: number;
  /** What the instance says about it. */
  readonly said: string;
}

const problems: ReadonlySet<string> = new Set<TransferProblem>([
  ...(['http', 'network', 'tls', 'link', 'mismatch', 'full', 'write', 'is-folder', 'gone', 'no-tool'] as const),
  'no-sha256sum',
]);

/** Longest line that is read. */
const longestLine = 1000;

interface Progress {
  readonly bytes: number;
  readonly size?: number | undefined;
  readonly isDone: boolean;
}

/** Reads what the scripts of transfers report. The instance may write anything instead: it counts only for ids that the caller asks for. */
export class TransferReports {
  readonly #progress = new Map<string, Progress>();
  #failures: TransferFailure[] = [];
  #line = '';

  push(bytes: Buffer): void {
    const text = `${this.#line}${bytes.toString('latin1')}`;
    const end = text.lastIndexOf('\n') + 1;
    this.#line = text.slice(end, end + longestLine);
    for (const line of text.slice(0, end).split('\n'))
      this.#read(Buffer.from(line.slice(0, longestLine), 'latin1').toString());
  }

  /** Begins with the output of another step. */
  begin(): void {
    this.#line = '';
  }

  isDone(id: string): boolean {
    return this.#progress.get(id)?.isDone === true;
  }

  /** Bytes that were transferred of a file, at most its size. */
  bytesOf(id: string, size = Number.MAX_SAFE_INTEGER): number {
    return Math.min(this.#progress.get(id)?.bytes ?? 0, size);
  }

  /** The size of a file, as far as the instance knows it. */
  sizeOf(id: string): number | undefined {
    return this.#progress.get(id)?.size;
  }

  /** Returns the failures since the last call. */
  takeFailures(): readonly TransferFailure[] {
    return this.#failures.splice(0);
  }

  #read(line: string): void {
    const [, what, id = '', rest = ''] = /^(at|done|failed) ([0-9a-z]{1,64}) (.*)$/.exec(line) ?? [];
    const [first = '', second = '', ...words] = rest.split(' ');
    if (what === 'failed') this.#noteFailure(id, first, second, words.join(' '));
    else if (/^\d{1,15}$/.test(first) && this.#mayGrow(id)) {
      const isDone = what === 'done';
      const size = /^\d{1,15}$/.test(second) ? Number(second) : undefined;
      this.#progress.set(id, { bytes: Number(first), size: isDone ? Number(first) : size, isDone });
    }
  }

  #noteFailure(id: string, problem: string, status: string, said: string): void {
    if (!isProblem(problem) || this.#failures.length >= 100) return;
    this.#failures.push({ id, problem, httpStatus: /^\d{3}$/.test(status) ? Number(status) : 0, said: said.trim() });
  }

  /** Bounds what an instance can make the worker keep. */
  #mayGrow(id: string): boolean {
    return !this.isDone(id) && (this.#progress.has(id) || this.#progress.size < 100_000);
  }
}

function isProblem(text: string): text is TransferProblem {
  return problems.has(text);
}
