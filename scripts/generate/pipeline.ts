import { OverlayError, stringifyYaml } from '@gpu-clouds/openapi-overlay';
import type { Baseline } from './baseline.ts';
import { clientView } from './client-view.ts';
import { answerSchemas, emitAnswers } from './emit-answers.ts';
import { emitExamples, exampleTable } from './emit-examples.ts';
import { emitMethods } from './emit-methods.ts';
import { emitOperations } from './emit-operations.ts';
import { emitTypes } from './emit-types.ts';
import { wrongExamples } from './examples-in-document.ts';
import { diffOf, type GeneratedFile, staleFiles, writeFiles } from './generated-files.ts';
import { GenerationError } from './generation-error.ts';
import { headerLines, typescriptFile } from './header.ts';
import { lint } from './lint.ts';
import { foldOpenEnums } from './open-enums.ts';
import { listOperations } from './openapi.ts';
import { operationTable } from './operation-table.ts';
import { type PatchedDocument, patchedDocument } from './patched-document.ts';
import { readmes, vendorDocuments } from './readme/readmes.ts';
import type { UpgradeReport } from './upgrade/report.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface GenerateOptions {
  /** The folder with `specs/` and `packages/`. */
  readonly root: string;
  readonly vendors: readonly VendorRules[];
  /** Whether to also update the code that READMEs quote. */
  readonly readmes: boolean;
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
  const outcomes: boolean[] = [];
  for (const rules of options.vendors) outcomes.push(await generateVendor(rules, options));
  if (options.readmes) outcomes.push(await generateReadmes(options));
  return outcomes.every((fine) => fine);
}

function generateVendor(rules: VendorRules, options: GenerateOptions): Promise<boolean> {
  const { vendor } = rules;
  return put({ name: vendor, command: `pnpm generate ${vendor}` }, options, async () => {
    const patched = await patchedDocument(options.root, rules, options.baseline, options.report);
    const files = await filesOf(patched, rules);
    return { files, what: `${listOperations(patched.document).length} operations` };
  });
}

function generateReadmes(options: GenerateOptions): Promise<boolean> {
  return put({ name: 'READMEs', command: 'pnpm generate' }, options, async () => {
    const files = await readmes(options.root);
    return { files, what: `${files.length} files` };
  });
}

interface Made {
  readonly files: readonly GeneratedFile[];
  /** A summary for the report: `87 operations`. */
  readonly what: string;
}

/** Writes the files, or prints a diff with `check`. Returns false on an error or a stale file. */
async function put(
  { name, command }: { name: string; command: string },
  { root, check, print, complain }: GenerateOptions,
  make: () => Promise<Made>,
): Promise<boolean> {
  try {
    const { files, what } = await make();
    const stale = await staleFiles(root, files);
    if (!check) await writeFiles(root, stale);
    else for (const file of stale) print(await diffOf(root, file));
    const state =
      stale.length === 0 ? 'up to date' : `${stale.length} of ${files.length} files ${check ? 'stale' : 'written'}`;
    print(`${name}: ${what}, ${state}`);
    if (check && stale.length > 0) complain(`${name}: Generated files are stale. Run \`${command}\` and commit.`);
    return !check || stale.length === 0;
  } catch (error) {
    if (!(error instanceof GenerationError || OverlayError.isInstance(error))) throw error;
    complain(`${name}: ${error.message}`);
    return false;
  }
}

/** Returns the generated files of a vendor. Throws when the patched document has an error. */
async function filesOf(patched: PatchedDocument, rules: VendorRules): Promise<GeneratedFile[]> {
  const { value, document, origin } = patched;
  if (!/^3\.1\.\d+$/.test(document.openapi))
    refuse([`The document is OpenAPI ${document.openapi}. Add an overlay action that sets it to 3.1.`]);
  const specFile = `specs/${rules.vendor}/openapi.yaml`;
  const yaml = [...headerLines(origin).map((line) => `# ${line}`), stringifyYaml(value)].join('\n');
  refuse(await lint(yaml, specFile));
  refuse(wrongExamples(document));

  const entries = listOperations(document);
  const table = operationTable(document, rules);
  const folded = structuredClone(document);
  foldOpenEnums(folded);
  const generated = `packages/${rules.vendor}/src/generated`;
  const typescript = (name: string, lines: readonly string[]) => ({
    path: `${generated}/${name}`,
    text: typescriptFile(origin, lines),
  });
  return [
    { path: specFile, text: yaml },
    { path: `${generated}/openapi.json`, text: `${JSON.stringify(value, null, 2)}\n` },
    typescript('types.ts', await emitTypes(clientView(document, rules))),
    typescript('operations.ts', emitOperations(table, document)),
    typescript('methods.ts', emitMethods(document, table, rules)),
    typescript('examples.ts', emitExamples(exampleTable(document, entries))),
    typescript('answers.ts', emitAnswers(answerSchemas(folded, listOperations(folded)))),
    ...vendorDocuments(patched, table),
  ];
}

function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new GenerationError(`The patched document has errors:\n${complaints.join('\n')}`);
}
