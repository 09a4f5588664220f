import { parseDocument } from 'yaml';

/** Returns the content of a YAML or JSON file, or one sentence about why it cannot be parsed. */
export function yamlSource(text: string): { readonly source: unknown } | { readonly issue: string } {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  const [broken] = document.errors;
  if (broken?.code === 'MULTIPLE_DOCS') return { issue: 'it has several documents, separated by "---"; keep one' };
  if (broken !== undefined) return { issue: (broken.message.split('\n')[0] ?? '').replace(/:$/, '') };
  try {
    return { source: document.toJS() };
  } catch (error) {
    // Aliases are resolved only here. This fails if an anchor is missing, or if there are suspiciously many of them.
    return { issue: `its aliases cannot be resolved: ${error instanceof Error ? error.message : error}` };
  }
}
