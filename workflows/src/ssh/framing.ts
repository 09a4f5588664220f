import { randomUUID } from 'node:crypto';

/** A script on its way to an instance. */
export interface FramedScript {
  /** For the login shell. */
  readonly commandLine: string;
  /** The first bytes of the command's input. */
  readonly header: Buffer;
  /** The line on stdout and stderr before which nothing is the script's. */
  readonly marker: string;
}

/**
 * Wraps a script so that the login shell has no part in it. That may be bash, tcsh, or fish, whose quoting rules differ, and may print
 * something when it starts. It gets one line without characters that they treat differently, and replaces itself with `sh`. The script comes
 * first on the command's input and is read without a byte of what follows it. A script that is cut short is a syntax error as a whole.
 */
export function frameScript(script: string): FramedScript {
  const marker = `gpu-clouds-${randomUUID()}`;
  const header = Buffer.from(`{\nprintf '\\n%s\\n' ${marker}; printf '\\n%s\\n' ${marker} >&2\n${script}\n}\n`);
  // Not every dd knows `fullblock`. One that does not reads nothing.
  const whole = `dd bs=${header.byteLength} count=1 iflag=fullblock 2>/dev/null`;
  const byBytes = `dd bs=1 count=${header.byteLength} 2>/dev/null`;
  return { commandLine: `exec sh -c 'eval "$(${whole} || ${byBytes})"'`, header, marker };
}

/** Bytes of the noise that are kept, for error messages. */
const noiseLimit = 1024;

/** Removes all that a stream has up to and including the line of the marker. */
export class AfterMarker {
  readonly #line: Buffer;
  #held = Buffer.alloc(0);
  #noise = Buffer.alloc(0);
  #skipped = 0;
  #begun = false;

  constructor(marker: string) {
    this.#line = Buffer.from(`\n${marker}\n`);
  }

  /** Whether the marker has come. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Bytes before the marker that have come so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The beginning of what came before the marker. */
  get noise(): string {
    return Buffer.concat([this.#noise, this.#held]).toString('utf8', 0, noiseLimit);
  }

  /** @returns What of a piece comes after the marker. */
  take(piece: Buffer): Buffer {
    if (this.#begun) return piece;
    const bytes = Buffer.concat([this.#held, piece]);
    const at = bytes.indexOf(this.#line);
    if (at !== -1) {
      this.#begun = true;
      return bytes.subarray(at + this.#line.byteLength);
    }
    const noise = bytes.subarray(0, Math.max(0, bytes.byteLength - this.#line.byteLength + 1));
    this.#skipped += noise.byteLength;
    this.#noise = Buffer.concat([this.#noise, noise.subarray(0, noiseLimit - this.#noise.byteLength)]);
    this.#held = Buffer.from(bytes.subarray(noise.byteLength));
    return Buffer.alloc(0);
  }
}
