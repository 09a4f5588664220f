import { statSync } from 'node:fs';
import { join } from 'node:path';
import { OverlayError, stringifyYaml } from '@gpu-clouds/openapi-overlay';
import type { Baseline } from './baseline.ts';
import { answerSchemas, emitAnswers } from './emit-answers.ts';
import { emitMethods } from './emit-methods.ts';
import { emitOperations, emitServerUrl } from './emit-operations.ts';
import { vendorLists } from './emit-vendor-lists.ts';
import { diffOf, type GeneratedFile, isUnchanged, staleFiles, writeFiles } from './generated-files.ts';
import { GenerationError } from './generation-error.ts';
import { headerLines, typescriptFile } from './header.ts';
import { listOperations } from './openapi.ts';
import { operationTable } from './operation-table.ts';
import type { OwnDocument } from './own-documents.ts';
import { ownFiles } from './own-files.ts';
import { type PatchedDocument, patchedDocument } from './patched-document.ts';
import { jobFileReference } from './readme/job-file.ts';
import { readmes, vendorDocuments } from './readme/readmes.ts';
import { complaintsOf, emit } from './threads.ts';
import type { UpgradeReport } from './upgrade/report.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface GenerateOptions {
  /** The folder with `specs/` and `packages/`. */
  readonly root: string;
  readonly vendors: readonly VendorRules[];
  /** Documents that our own code defines. They are generated with what is shared. Default: none. */
  readonly own?: readonly OwnDocument[] | undefined;
  /** Whether to also update what is not of one vendor: the lists of vendors, and the code that READMEs quote. */
  readonly shared: boolean;
  /** Whether to write nothing and print a diff of stale files. */
  readonly check: boolean;
  /** The documents that the published ones are compared with. */
  readonly baseline: Baseline;
  /** Receives the upgrade report of each vendor whose published document differs from the baseline. */
  readonly report: (report: UpgradeReport) => void | Promise<void>;
  /** Receives the results. */
  readonly print: (line: string) => void;
  /** Receives the errors. */
  readonly complain: (line: string) => void;
}

/** Generates the clients' sources. Returns false on an error or, with `check`, a stale file. A vendor with an error keeps its files. */
export async function generate(options: GenerateOptions): Promise<boolean> {
  const tasks = [
    ...options.vendors.map((rules) => vendorTask(rules, options)),
    ...(options.shared ? [vendorListsTask(options), readmesTask(options), ...ownTasks(options)] : []),
  ];
  // All are computed together, because they share two threads: in this order, both are busy. The results are told in order.
  const order = [...tasks].sort((one, other) => other.weight - one.weight);
  const results = await Promise.allSettled(order.map(({ make }) => make()));
  const outcomes: boolean[] = [];
  for (const task of tasks) {
    for (const report of task.reports) await options.report(report);
    const result = results[order.indexOf(task)];
    outcomes.push(
      result?.status === 'fulfilled' ? await put(task, result.value, options) : refused(task, result?.reason, options),
    );
  }
  return outcomes.every((fine) => fine);
}

interface Task {
  readonly name: string;
  /** The command that repeats it. */
  readonly command: string;
  /** Heavier ones begin earlier. */
  readonly weight: number;
  readonly reports: readonly UpgradeReport[];
  readonly make: () => Promise<Made>;
}

interface Made {
  readonly files: readonly GeneratedFile[];
  /** A summary for the report: `87 operations`. */
  readonly what: string;
}

function vendorTask(rules: VendorRules, { root, baseline, check }: GenerateOptions): Task {
  const { vendor } = rules;
  const reports: UpgradeReport[] = [];
  const make = async () => {
    const patched = patchedDocument(root, rules, baseline, (report) => reports.push(report));
    const files = await filesOf(patched, rules, { root, check });
    return { files, what: `${listOperations(patched.document).length} operations` };
  };
  const { size = 0 } = statSync(join(root, 'specs', vendor, rules.published), { throwIfNoEntry: false }) ?? {};
  return { name: vendor, command: `pnpm generate ${vendor}`, weight: size, reports, make };
}

function vendorListsTask({ vendors }: GenerateOptions): Task {
  const make = async () => ({ files: vendorLists(vendors), what: `${vendors.length} vendors` });
  return { name: 'Lists of vendors', command: 'pnpm generate', weight: 0, reports: [], make };
}

function ownTasks({ root, own = [], check }: GenerateOptions): Task[] {
  return own.map((document) => {
    const make = async () => {
      const { files, operations, complaints } = await ownFiles(document, { root, check });
      refuse(complaints);
      return { files, what: `${operations} operations` };
    };
    // The other thread reads it while this one patches the first document.
    return { name: document.name, command: 'pnpm generate', weight: Number.POSITIVE_INFINITY, reports: [], make };
  });
}

function readmesTask({ root }: GenerateOptions): Task {
  const make = async () => {
    const files = [...(await readmes(root)), ...(await jobFileReference(root))];
    return { files, what: `${files.length} files` };
  };
  return { name: 'READMEs', command: 'pnpm generate', weight: 0, reports: [], make };
}

/** Writes the files, or prints a diff with `check`. Returns false if a file is stale. */
async function put(
  { name, command }: Task,
  { files, what }: Made,
  { root, check, print, complain }: GenerateOptions,
): Promise<boolean> {
  const stale = staleFiles(root, files);
  if (!check) await writeFiles(root, stale);
  else for (const file of stale) print(await diffOf(root, file));
  const state =
    stale.length === 0 ? 'up to date' : `${stale.length} of ${files.length} files ${check ? 'stale' : 'written'}`;
  print(`${name}: ${what}, ${state}`);
  if (check && stale.length > 0) complain(`${name}: Generated files are stale. Run \`${command}\` and commit.`);
  return !check || stale.length === 0;
}

function refused({ name }: Task, error: unknown, { complain }: GenerateOptions): boolean {
  if (!(error instanceof GenerationError || OverlayError.isInstance(error))) throw error;
  complain(`${name}: ${error.message}`);
  return false;
}

/** Returns the generated files of a vendor. Throws when the patched document has an error. */
async function filesOf(
  patched: PatchedDocument,
  rules: VendorRules,
  { root, check }: Pick<GenerateOptions, 'root' | 'check'>,
): Promise<GeneratedFile[]> {
  const { value, document, origin } = patched;
  if (!/^3\.1\.\d+$/.test(document.openapi))
    refuse([`The document is OpenAPI ${document.openapi}. Add an overlay action that sets it to 3.1.`]);
  const specFile = `specs/${rules.vendor}/openapi.yaml`;
  const generated = `packages/${rules.vendor}/src/generated`;
  const json = { path: `${generated}/openapi.json`, text: `${JSON.stringify(value, null, 2)}\n` };
  // A document that is already there was checked when it was written. `--check` relies on nothing, and `pnpm lint` checks it too.
  const isChecked = !check && isUnchanged(root, json);
  const emitted = emit({ document, rules, isChecked });
  // What is wrong with the document itself is reported first.
  emitted.catch(() => undefined);
  if (!isChecked) refuse(await complaintsOf({ value, source: json.text, file: specFile }));

  const table = operationTable(document, rules);
  const yaml = stringifyYaml(value);
  const { types, examples } = await emitted;
  const typescript = (name: string, lines: readonly string[]) => ({
    path: `${generated}/${name}`,
    text: typescriptFile(headerLines(origin), lines),
  });
  return [
    { path: specFile, text: [...headerLines(origin).map((line) => `# ${line}`), yaml].join('\n') },
    json,
    typescript('types.ts', types),
    typescript('operations.ts', [...emitOperations(table, document), '', ...emitServerUrl(document)]),
    typescript('methods.ts', emitMethods(document, table, rules)),
    typescript('examples.ts', examples),
    typescript('answers.ts', emitAnswers(answerSchemas(document, listOperations(document)))),
    ...vendorDocuments(patched, table),
  ];
}

function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new GenerationError(`The document has errors:\n${complaints.join('\n')}`);
}
