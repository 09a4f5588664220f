/**
 * Why an overlay cannot be used. `file`, `syntax`, `invalid`, and `evidence` concern one file. The others concern an action and
 * the document it applies to, as in an action's status.
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

/** One problem of an overlay or a document. */
export interface OverlayProblem {
  /** The kind of problem. */
  readonly kind: ProblemKind;
  /** The file with the problem, as the caller named it. */
  readonly file: string;
  /** From 1. */
  readonly line?: number | undefined;
  /** From 1. */
  readonly column?: number | undefined;
  /** Index of the action in `actions`, from 0. */
  readonly index?: number | undefined;
  /** The action's RFC 9535 query. */
  readonly target?: string | undefined;
  /** The action's `x-reason`. */
  readonly reason?: string | undefined;
  /** What is wrong and, where known, the next step. */
  readonly message: string;
}

const marker = Symbol.for('@gpu-clouds/openapi-overlay/OverlayError');

/** Every problem found in an overlay or a document. The message has one line per problem. */
export class OverlayError extends Error {
  override readonly name = 'OverlayError';
  /** The problems in the order of the file. */
  readonly problems: readonly OverlayProblem[];
  readonly [marker] = true;

  constructor(problems: readonly OverlayProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }

  /** Recognizes an OverlayError without `instanceof`, which fails if two copies of this package are installed. */
  static isInstance(error: unknown): error is OverlayError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** Returns `file:line:column: actions[3] $.paths['/x']: message (reason: x-reason)`. */
export function describeProblem(problem: OverlayProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const action = problem.index === undefined ? '' : ` actions[${problem.index}]`;
  const target = problem.target === undefined ? '' : ` ${problem.target}`;
  const separator = action || target ? ':' : '';
  const reason = problem.reason === undefined ? '' : ` (reason: ${problem.reason})`;
  return `${place}:${action}${target}${separator} ${problem.message}${reason}`;
}
