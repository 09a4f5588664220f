/**
 * Why an overlay cannot be used. `file`, `syntax`, `invalid` and `evidence` are about a file by itself; the others are about an
 * action and the document it is applied to, as in an action's status.
 */
export type ProblemKind =
  | 'file'
  | 'syntax'
  | 'invalid'
  | 'evidence'
  | 'no-match'
  | 'no-change'
  | 'type-mismatch'
  | 'match-count';

/** One thing that is wrong with an overlay or a document. */
export interface OverlayProblem {
  /** What is wrong. */
  readonly kind: ProblemKind;
  /** The file the problem is in, as it was named by the caller. */
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
  /** Place of the action in `actions`, counted from 0. */
  readonly index?: number;
  /** The action's RFC 9535 query, where it is about an action. */
  readonly target?: string;
  /** The action's `x-reason`. */
  readonly reason?: string;
  /** One sentence saying what is wrong and, where it can be told, what to do. */
  readonly message: string;
}

const marker = Symbol.for('@gpu-clouds/openapi-overlay/OverlayError');

/** Everything that is wrong with an overlay or a document, found in one go. Its message has one line a problem. */
export class OverlayError extends Error {
  override readonly name = 'OverlayError';
  /** All that is wrong, in the order of the file. */
  readonly problems: readonly OverlayProblem[];
  readonly [marker] = true;

  constructor(problems: readonly OverlayProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }

  /** Tells an OverlayError apart without `instanceof`, which fails when two copies of this package are installed. */
  static isInstance(error: unknown): error is OverlayError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** `file:line:column: actions[3] $.paths['/x']: what is wrong (the patch's reason: …)` */
export function describeProblem(problem: OverlayProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const action = problem.index === undefined ? '' : ` actions[${problem.index}]`;
  const target = problem.target === undefined ? '' : ` ${problem.target}`;
  const separator = action || target ? ':' : '';
  const reason = problem.reason === undefined ? '' : ` (the patch's reason: ${problem.reason})`;
  return `${place}:${action}${target}${separator} ${problem.message}${reason}`;
}
