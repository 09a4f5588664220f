import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from '../../packages/openapi-overlay/src/index.ts';

/** One thing that every tool has to do. */
export interface Case {
  readonly name: string;
  readonly group: Group;
  /** Where the case comes from. */
  readonly source?: string | undefined;
  /** The files of the case. Without a document, the overlay alone is validated. */
  readonly document?: { readonly extension: 'yaml' | 'json'; readonly text: string } | undefined;
  readonly overlay: string;
  /** True if the result is right; `undefined` stands for a refusal. */
  isRight(result: string | undefined): boolean;
}

/** The rows of the table. */
export const groups = {
  sets: "OpenAPI Initiative's compliant sets",
  valid: 'valid overlays accepted',
  invalid: 'invalid overlays refused',
  specification: 'rules of the specification',
  reports: 'public bug reports',
  refusals: 'errors found',
  fidelity: 'text kept',
};
export type Group = keyof typeof groups;

/** Reads the OpenAPI Initiative's cases from a clone of its repository. */
export async function readOaiCases(folder: string): Promise<Case[]> {
  const sets = (await readdir(join(folder, 'compliant-sets'), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const applied = sets.map(async ({ name }): Promise<Case> => {
    const read = (file: string) => readFile(join(folder, 'compliant-sets', name, file), 'utf8');
    const expected = canonical(await read('output.yaml'));
    return {
      name,
      group: 'sets',
      document: { extension: 'yaml', text: await read('openapi.yaml') },
      overlay: await read('overlay.yaml'),
      isRight: (result) => result !== undefined && canonical(result) === expected,
    };
  });
  const validated = ['v1.0', 'v1.1'].flatMap((version) => [
    overlaysIn(join(folder, 'tests', version, 'pass'), version, 'valid'),
    overlaysIn(join(folder, 'tests', version, 'fail'), version, 'invalid'),
  ]);
  return [...(await Promise.all(applied)), ...(await Promise.all(validated)).flat()];
}

async function overlaysIn(folder: string, version: string, group: 'valid' | 'invalid'): Promise<Case[]> {
  const files = await readdir(folder);
  return await Promise.all(
    files.map(async (file) => ({
      name: `${version} ${file.replace(/\.yaml$/, '')}`,
      group,
      overlay: await readFile(join(folder, file), 'utf8'),
      isRight: (result: string | undefined) => (result === undefined) === (group === 'invalid'),
    })),
  );
}

/** A case in `cases.yaml`. */
interface Entry {
  readonly name: string;
  readonly group: Group;
  readonly source?: string;
  readonly version?: string;
  readonly json?: boolean;
  readonly document: string;
  readonly components?: string;
  readonly actions: string;
  readonly expected?: string;
  readonly refused?: boolean;
  readonly keeps?: readonly string[];
  readonly inOrder?: readonly string[];
}

/** Without this setting, Speakeasy's tool reads queries of an older syntax. Other tools ignore it. */
const speakeasySetting = 'x-speakeasy-jsonpath: rfc9535\n';

/** Reads our own cases. */
export async function readCases(): Promise<Case[]> {
  const file = new URL('cases.yaml', import.meta.url);
  const entries: readonly Entry[] = JSON.parse(JSON.stringify(parseDocument(await readFile(file), 'cases.yaml')));
  return entries.map((entry) => {
    const { name, group, source, version = '1.1.0', json = false, components } = entry;
    const extra = components === undefined ? '' : `components: ${components}\n`;
    return {
      name,
      group,
      source,
      document: { extension: json ? 'json' : 'yaml', text: openApi(entry.document, json) },
      overlay: `overlay: ${version}\ninfo: {title: Case, version: "1"}\n${speakeasySetting}${extra}actions: ${entry.actions}\n`,
      isRight: (result) => isRight(entry, result),
    };
  });
}

/** Some tools accept only OpenAPI documents. Returns the case's document with the fields that OpenAPI requires. */
function openApi(text: string, json: boolean): string {
  const missing = Object.entries(required).filter(([name]) => !new RegExp(`(?:^|")${name}"?:`, 'm').test(text));
  if (json)
    return text.replace('{', `{${missing.map(([name, value]) => `"${name}": ${JSON.stringify(value)}, `).join('')}`);
  return missing.map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join('') + text;
}

const required = { openapi: '3.1.0', info: { title: 'Case', version: '1' }, paths: {} };

/** Returns the same text for equal documents. Some tools add an empty `components`. */
function canonical(text: string): string {
  const document: unknown = JSON.parse(JSON.stringify(parseDocument(text, 'result')));
  const { components, ...others } = { ...required, ...Object(document) };
  const isEmpty = components === undefined || Object.keys(components).length === 0;
  return JSON.stringify(sorted(isEmpty ? others : { ...others, components }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([key, item]) => [key, sorted(item)]);
}

function isRight({ expected, refused, keeps, inOrder }: Entry, result: string | undefined): boolean {
  if (refused) return result === undefined;
  if (result === undefined) return false;
  if (keeps !== undefined) return keeps.every((part) => result.includes(part));
  if (inOrder !== undefined) {
    const places = inOrder.map((part) => result.indexOf(part));
    return places.every((place, index) => place > (places[index - 1] ?? -1));
  }
  return canonical(result) === canonical(expected ?? '');
}
