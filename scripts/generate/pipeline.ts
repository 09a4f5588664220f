import { OverlayError, stringifyYaml } from '@gpu-clouds/openapi-overlay';
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
import type { VendorRules } from './vendor-rules.ts';

export interface GenerateOptions {
  /** Folder that holds `specs/` and `packages/`. */
  readonly root: string;
  readonly vendors: readonly VendorRules[];
  /** Write nothing; show what is stale. */
  readonly check: boolean;
  /** Takes the report. */
  readonly print: (line: string) => void;
  /** Takes what has to be put right. */
  readonly complain: (line: string) => void;
}

/** Generates the clients' sources. False when something has to be put right; that vendor's files are as they were. */
export async function generate(options: GenerateOptions): Promise<boolean> {
  const outcomes: boolean[] = [];
  for (const rules of options.vendors) outcomes.push(await generateOne(rules, options));
  return outcomes.every((fine) => fine);
}

async function generateOne(rules: VendorRules, { root, check, print, complain }: GenerateOptions): Promise<boolean> {
  try {
    const patched = await patchedDocument(root, rules, print);
    const files = await filesOf(patched, rules);
    const stale = await staleFiles(root, files);
    if (!check) await writeFiles(root, stale);
    else for (const file of stale) print(await diffOf(root, file));
    const count = listOperations(patched.document).length;
    const state =
      stale.length === 0 ? 'up to date' : `${stale.length} of ${files.length} files ${check ? 'stale' : 'written'}`;
    print(`${rules.vendor}: ${count} operations, ${state}`);
    if (check && stale.length > 0) complain(`${rules.vendor}: run \`pnpm generate ${rules.vendor}\` and commit.`);
    return !check || stale.length === 0;
  } catch (error) {
    if (!(error instanceof GenerationError || OverlayError.isInstance(error))) throw error;
    complain(`${rules.vendor}: ${error.message}`);
    return false;
  }
}

/** All that is generated for a vendor, checked. */
async function filesOf({ value, document, origin }: PatchedDocument, rules: VendorRules): Promise<GeneratedFile[]> {
  if (!/^3\.1\.\d+$/.test(document.openapi)) refuse([`it is OpenAPI ${document.openapi}; let the overlay make it 3.1`]);
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
    typescript('operations.ts', emitOperations(table)),
    typescript('methods.ts', emitMethods(document, table, rules)),
    typescript('examples.ts', emitExamples(exampleTable(document, entries))),
    typescript('answers.ts', emitAnswers(answerSchemas(folded, listOperations(folded)))),
  ];
}

function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new GenerationError(`the patched document is not sound:\n${complaints.join('\n')}`);
}
