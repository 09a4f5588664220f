import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { inspectActions, missingEvidence } from './apply.ts';
import { createOverlay } from './diff.ts';
import { readDocument, readInputs, readOverlay, writeText } from './files.ts';
import type { Overlay } from './overlay.ts';
import { OverlayError } from './overlay-error.ts';
import { readSource } from './source.ts';
import { applyOverlayToText } from './text.ts';
import { decode } from './utf8.ts';
import { runOnChange } from './watch.ts';

const usage = `Usage:
  openapi-overlay apply [DOCUMENT] OVERLAY [options]
  openapi-overlay report [DOCUMENT] OVERLAY [options]
  openapi-overlay validate OVERLAY [options]
  openapi-overlay diff BEFORE AFTER [options]

apply     Writes the document with the overlay applied.
report    Prints one line per action: applies, matches nothing, already fixed, ...
validate  Checks the overlay without a document.
diff      Writes an overlay that turns BEFORE into AFTER.

Without DOCUMENT, or if it is -, the file that the overlay's "extends" names is read.

  -o, --output FILE   apply, diff: write to FILE instead of the standard output
  --check             apply, diff: write nothing; exit with 1 if FILE is not up to date
  --format FORMAT     apply: yaml or json (default: by the name of FILE, else as DOCUMENT)
  --lenient           apply: accept everything that the specification accepts: a target that matches nothing
                      or any number of nodes, and an action that changes nothing
  --require-evidence  apply, report, validate: refuse an action without x-reason, x-evidence, or x-grade
  -w, --watch         run again when a file changes, until interrupted
  -h, --help          show this help
  -v, --version       show the version

Exit codes: 0 success, 1 a file has a problem, 2 wrong usage.
`;

/** Where a command writes, and what stops it. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Ends `--watch`. */
  readonly signal?: AbortSignal | undefined;
}

class UsageError extends Error {}

const options = {
  output: { type: 'string', short: 'o' },
  check: { type: 'boolean' },
  format: { type: 'string' },
  lenient: { type: 'boolean' },
  'require-evidence': { type: 'boolean' },
  watch: { type: 'boolean', short: 'w' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Options = ReturnType<typeof parse>['values'];

/** A command whose usage is right. */
interface Task {
  /** The files it reads. A run adds the document that the overlay extends. */
  readonly files: Set<string>;
  /** Returns the exit code. */
  run(terminal: Terminal): Promise<number>;
}

/** Runs `openapi-overlay` with the arguments after its name. Returns the exit code and never throws. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) return print(terminal, usage);
    if (values.version) return print(terminal, `${await ownVersion()}\n`);
    const task = taskOf(positionals, values);
    if (!values.watch) return await attempt(task, terminal);
    await runOnChange(task.files, () => attempt(task, terminal), terminal.signal);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.stderr(`${error.message}\nRun "openapi-overlay --help" for usage.\n`);
    return 2;
  }
}

async function attempt(task: Task, terminal: Terminal): Promise<number> {
  try {
    return await task.run(terminal);
  } catch (error) {
    terminal.stderr(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function taskOf([name, ...files]: readonly string[], values: Options): Task {
  switch (name) {
    case 'apply':
      return applyTask(files, accept(name, values, ['output', 'check', 'format', 'lenient', 'require-evidence']));
    case 'report':
      return reportTask(files, accept(name, values, ['require-evidence']));
    case 'validate':
      return validateTask(files, accept(name, values, ['require-evidence']));
    case 'diff':
      return diffTask(files, accept(name, values, ['output', 'check']));
    case undefined:
      throw new UsageError('Missing command: apply, report, validate, or diff.');
    default:
      throw new UsageError(`Unknown command "${name}". Use apply, report, validate, or diff.`);
  }
}

function accept(name: string, values: Options, known: readonly string[]): Options {
  const other = Object.keys(values).find((option) => option !== 'watch' && !known.includes(option));
  if (other !== undefined) throw new UsageError(`${name} has no option --${other}.`);
  if (values.check && values.output === undefined) throw new UsageError('--check needs --output FILE.');
  return values;
}

function applyTask(named: readonly string[], values: Options): Task {
  const inputs = inputsOf('apply', named);
  const format = formatOf(values);
  return {
    files: inputs.files,
    async run(terminal) {
      const { document, overlay } = await inputs.read();
      const { lenient, 'require-evidence': requireEvidence } = values;
      return await deliver(
        applyOverlayToText(document, overlay, { format, lenient, requireEvidence }),
        values,
        terminal,
      );
    },
  };
}

function reportTask(named: readonly string[], values: Options): Task {
  const inputs = inputsOf('report', named);
  return {
    files: inputs.files,
    async run(terminal) {
      const { document, overlay } = await inputs.read();
      const actions = inspectActions(readSource(document.content, document.file).value, overlay);
      for (const { index, target, status, message, reason } of actions) {
        const why = reason === undefined ? '' : ` (reason: ${reason})`;
        const detail = status === 'applied' ? '' : `: ${message}${why}`;
        terminal.stdout(`actions[${index}] ${verdicts[status]} ${target}${detail}\n`);
      }
      const stale = actions.filter(({ status }) => status !== 'applied').length;
      terminal.stdout(`${actions.length - stale} of ${actions.length} actions apply\n`);
      refuseMissingEvidence(overlay, values);
      return stale === 0 ? 0 : 1;
    },
  };
}

const verdicts = {
  applied: 'applies',
  'no-match': 'matches nothing',
  'no-change': 'changes nothing',
  'type-mismatch': 'does not fit',
  'match-count': 'matches another number',
};

function validateTask(named: readonly string[], values: Options): Task {
  const [file, ...others] = named;
  if (file === undefined || others.length > 0) throw new UsageError('validate takes one file: OVERLAY.');
  return {
    files: new Set([file]),
    async run(terminal) {
      const overlay = await readOverlay(file);
      refuseMissingEvidence(overlay, values);
      const { length } = overlay.actions;
      const text = `${file} is valid: Overlay ${overlay.version}, ${length} action${length === 1 ? '' : 's'}\n`;
      return print(terminal, text);
    },
  };
}

function diffTask(named: readonly string[], values: Options): Task {
  const [before, after, ...others] = named;
  if (before === undefined || after === undefined || others.length > 0) {
    throw new UsageError('diff takes two files: BEFORE and AFTER.');
  }
  return {
    files: new Set([before, after]),
    async run(terminal) {
      return await deliver(createOverlay(await readDocument(before), await readDocument(after)), values, terminal);
    },
  };
}

/** Writes the text to the output, or compares it with `--check`. */
async function deliver(text: string, { output = '-', check }: Options, terminal: Terminal): Promise<number> {
  if (check) {
    const { content } = await readDocument(output);
    if (decode(content, output) === text) return 0;
    terminal.stderr(`${output} is not up to date. Run the command without --check to write it.\n`);
    return 1;
  }
  if (output === '-') return print(terminal, text);
  await writeText(output, text);
  return 0;
}

function refuseMissingEvidence(overlay: Overlay, values: Options): void {
  const problems = values['require-evidence'] ? missingEvidence(overlay) : [];
  if (problems.length > 0) throw new OverlayError(problems);
}

function formatOf({ format, output = '' }: Options): 'yaml' | 'json' | undefined {
  if (format === 'yaml' || format === 'json') return format;
  if (format !== undefined) throw new UsageError(`--format is yaml or json, not "${format}".`);
  if (/\.ya?ml$/i.test(output)) return 'yaml';
  return /\.json$/i.test(output) ? 'json' : undefined;
}

function inputsOf(name: string, named: readonly string[]) {
  const [first, second, ...others] = named;
  if (first === undefined || others.length > 0) throw new UsageError(`${name} takes DOCUMENT (optional) and OVERLAY.`);
  const overlayFile = second ?? first;
  const documentFile = second === undefined || first === '-' ? undefined : first;
  const files = new Set(documentFile === undefined ? [overlayFile] : [documentFile, overlayFile]);
  return {
    files,
    async read() {
      const inputs = await readInputs(documentFile, overlayFile);
      files.add(inputs.document.file);
      return inputs;
    },
  };
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

function print(terminal: Terminal, text: string): number {
  terminal.stdout(text);
  return 0;
}
