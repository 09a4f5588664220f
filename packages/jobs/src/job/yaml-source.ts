import { parseDocument } from 'yaml';

/** What a file of YAML or JSON holds, or one sentence on why it holds nothing. */
export function yamlSource(text: string): { readonly source: unknown } | { readonly issue: string } {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  const [broken] = document.errors;
  if (broken?.code === 'MULTIPLE_DOCS') return { issue: 'it holds several documents, parted by "---": keep one' };
  if (broken !== undefined) return { issue: (broken.message.split('\n')[0] ?? '').replace(/:$/, '') };
  try {
    return { source: document.toJS() };
  } catch (error) {
    // Aliases are looked up only here: one without its anchor, or more of them than anybody writes.
    return { issue: `its aliases cannot be read: ${error instanceof Error ? error.message : error}` };
  }
}
