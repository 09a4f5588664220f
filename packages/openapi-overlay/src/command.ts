import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { applyOverlay, inspectOverlay, missingEvidence } from './apply.ts';
import { stringifyYaml } from './document.ts';
import { type Inputs, readInputs, readOverlay, writeText } from './files.ts';
import type { Overlay } from './overlay.ts';
import { OverlayError } from './overlay-error.ts';

const usage = `Usage:
  openapi-overlay apply [DOCUMENT] OVERLAY [-o FILE] [--format yaml|json] [--lenient] [--require-evidence]
  openapi-overlay check [DOCUMENT] OVERLAY [--require-evidence]
  openapi-overlay validate OVERLAY [--require-evidence]

apply     writes the document with the overlay applied
check     says of each action whether it applies, matches nothing, or is fixed in the document already
validate  checks the overlay alone

Without DOCUMENT, or with - in its place, the file that the overlay's "extends" names is read.

  -o, --output FILE   write there instead of to the standard output
  --format FORMAT     yaml or json; else told by FILE's or DOCUMENT's name
  --lenient           accept what the standard accepts: a target that matches nothing or any number of nodes,
                      and an action that changes nothing
  --require-evidence  make an action without x-reason, x-evidence and x-grade an error
  -h, --help          show this
  -v, --version       show the version

Exit code: 0 when all is well, 1 when a file is not, 2 when the command is not understood.
`;

/** Where a command writes, so that tests can read it. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
}

class UsageError extends Error {}

const options = {
  output: { type: 'string', short: 'o' },
  format: { type: 'string' },
  lenient: { type: 'boolean' },
  'require-evidence': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Options = ReturnType<typeof parse>['values'];

/** Runs `openapi-overlay` with the arguments after its name. Gives the exit code and throws nothing. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) return print(terminal, usage);
    if (values.version) return print(terminal, `${await ownVersion()}\n`);
    return await run(positionals, values, terminal);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      terminal.stderr(`${message}\nTry: openapi-overlay --help\n`);
      return 2;
    }
    terminal.stderr(`${message}\n`);
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

function run([name, ...files]: readonly string[], values: Options, terminal: Terminal): Promise<number> {
  switch (name) {
    case 'apply':
      accept(name, values, ['output', 'format', 'lenient', 'require-evidence']);
      return apply(files, values, terminal);
    case 'check':
      accept(name, values, ['require-evidence']);
      return check(files, values, terminal);
    case 'validate':
      accept(name, values, ['require-evidence']);
      return validate(files, values, terminal);
    case undefined:
      throw new UsageError('Which command? apply, check or validate.');
    default:
      throw new UsageError(`There is no command "${name}"; there are apply, check and validate.`);
  }
}

function accept(name: string, values: Options, known: readonly string[]): void {
  const other = Object.keys(values).find((option) => !known.includes(option));
  if (other !== undefined) throw new UsageError(`${name} takes no --${other}.`);
}

async function apply(files: readonly string[], values: Options, terminal: Terminal): Promise<number> {
  const format = formatOf(values.format);
  const { document, documentFile, overlay } = await inputs('apply', files);
  const result = applyOverlay(document, overlay, {
    lenient: values.lenient ?? false,
    requireEvidence: values['require-evidence'] ?? false,
  });
  const asJson = format === undefined ? (values.output ?? documentFile).endsWith('.json') : format === 'json';
  const text = asJson ? `${JSON.stringify(result, null, 2)}\n` : stringifyYaml(result);
  if (values.output === undefined || values.output === '-') return print(terminal, text);
  await writeText(values.output, text);
  return 0;
}

async function check(files: readonly string[], values: Options, terminal: Terminal): Promise<number> {
  const { document, overlay } = await inputs('check', files);
  const evidence = evidenceOf(overlay, values);
  const { actions } = inspectOverlay(document, overlay);
  for (const { index, target, status, message, reason } of actions) {
    const why = status === 'applied' || reason === undefined ? '' : ` (the patch's reason: ${reason})`;
    const detail = status === 'applied' ? '' : `: ${message}${why}`;
    terminal.stdout(`actions[${index}] ${verdicts[status]} ${target}${detail}\n`);
  }
  const stale = actions.filter(({ status }) => status !== 'applied').length;
  terminal.stdout(`${actions.length - stale} of ${actions.length} actions apply\n`);
  if (evidence !== undefined) throw evidence;
  return stale === 0 ? 0 : 1;
}

const verdicts = {
  applied: 'applies',
  'no-match': 'matches nothing',
  'no-change': 'already fixed',
  'type-mismatch': 'does not fit',
  'match-count': 'matches another number',
};

async function validate(files: readonly string[], values: Options, terminal: Terminal): Promise<number> {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new UsageError('validate takes one file, the overlay.');
  const overlay = await readOverlay(file);
  const evidence = evidenceOf(overlay, values);
  if (evidence !== undefined) throw evidence;
  const { length } = overlay.actions;
  return print(terminal, `${file} is valid: Overlay ${overlay.version}, ${length} action${length === 1 ? '' : 's'}\n`);
}

function evidenceOf(overlay: Overlay, values: Options): OverlayError | undefined {
  const problems = values['require-evidence'] ? missingEvidence(overlay) : [];
  return problems.length === 0 ? undefined : new OverlayError(problems);
}

function formatOf(format: string | undefined): 'yaml' | 'json' | undefined {
  if (format === undefined || format === 'yaml' || format === 'json') return format;
  throw new UsageError(`--format is yaml or json, not "${format}".`);
}

function inputs(name: string, files: readonly string[]): Promise<Inputs> {
  const [first, second, ...others] = files;
  if (first === undefined || others.length > 0) throw new UsageError(`${name} takes a document and an overlay.`);
  if (second === undefined) return readInputs(undefined, first);
  return readInputs(first === '-' ? undefined : first, second);
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
