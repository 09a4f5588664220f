/**
 * Returns a TSDoc comment with the given paragraphs. They are a vendor's Markdown, so the end mark of a comment and tags
 * are escaped.
 */
export function tsdoc(paragraphs: readonly string[], deprecated = false): string[] {
  const texts = paragraphs.map((text) => dedent(text)).filter((text) => text !== '');
  const body = texts.flatMap((text, index) => [...(index > 0 ? [''] : []), ...text.split('\n').map(escapeLine)]);
  const lines = [...body, ...(deprecated ? [...(body.length > 0 ? [''] : []), '@deprecated'] : [])];
  if (lines.length === 1) return [`/** ${lines[0]} */`];
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'];
}

function escapeLine(line: string): string {
  return line
    .trimEnd()
    .replaceAll('*/', '*\\/')
    .replaceAll('{@', '\\{@')
    .replace(/^(\s*)@/, '$1\\@');
}

/** Removes surrounding blank lines and the indentation common to all lines except the first. */
function dedent(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').trim().split('\n');
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.length - line.trimStart().length]));
  const shared = indents.length > 0 ? Math.min(...indents) : 0;
  return lines.map((line, index) => (index === 0 ? line : line.slice(shared))).join('\n');
}
