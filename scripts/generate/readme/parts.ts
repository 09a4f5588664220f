import { GenerationError } from '../generation-error.ts';

const opening = /^<!-- generated: (.+) -->$/;
const closing = '<!-- /generated -->';

/** Gives the Markdown of a part; undefined when it knows none of this name. */
export type PartWriter = (name: string) => string | undefined | Promise<string | undefined>;

/**
 * The document with each of its generated parts written anew. A part stands between `<!-- generated: NAME -->` and
 * `<!-- /generated -->`; everything else is the author's.
 */
export async function withParts(text: string, file: string, write: PartWriter): Promise<string> {
  const lines = text.split('\n');
  const written: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const name = opening.exec(line)?.[1];
    if (name === undefined) {
      if (line === closing) throw new GenerationError(`${file}:${index + 1}: no part is open here.`);
      written.push(line);
      continue;
    }
    const end = lines.indexOf(closing, index);
    if (end < 0) throw new GenerationError(`${file}:${index + 1}: the part "${name}" never ends: add ${closing}.`);
    const content = await write(name);
    if (content === undefined) throw new GenerationError(`${file}:${index + 1}: nothing writes the part "${name}".`);
    written.push(line, '', content.trim(), '', closing);
    index = end;
  }
  return written.join('\n');
}

/** Where a document has TypeScript that is no quotation, and so is compiled by nobody: `README.md:12`. */
export function unquotedCode(text: string, file: string): string[] {
  let quoted = false;
  return text.split('\n').flatMap((line, index) => {
    if (opening.test(line) || line === closing) quoted = line !== closing;
    return !quoted && /^\s*```(ts|typescript|js|javascript)\b/.test(line) ? [`${file}:${index + 1}`] : [];
  });
}
