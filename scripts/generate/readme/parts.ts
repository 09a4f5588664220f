import { GenerationError } from '../generation-error.ts';

const opening = /^<!-- generated: (.+) -->$/;
const closing = '<!-- /generated -->';

/** Returns the Markdown of a part, or undefined for an unknown name. */
export type PartWriter = (name: string) => string | undefined | Promise<string | undefined>;

/**
 * Returns the document with its generated parts replaced. A part is between `<!-- generated: NAME -->` and
 * `<!-- /generated -->`. Everything else stays unchanged.
 */
export async function withParts(text: string, file: string, write: PartWriter): Promise<string> {
  const lines = text.split('\n');
  const written: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const name = opening.exec(line)?.[1];
    if (name === undefined) {
      if (line === closing) throw new GenerationError(`${file}:${index + 1}: This mark ends no part.`);
      written.push(line);
      continue;
    }
    const end = lines.indexOf(closing, index);
    if (end < 0) throw new GenerationError(`${file}:${index + 1}: The part "${name}" has no end. Add ${closing}.`);
    const content = await write(name);
    if (content === undefined) throw new GenerationError(`${file}:${index + 1}: Unknown part "${name}".`);
    written.push(line, '', content.trim(), '', closing);
    index = end;
  }
  return written.join('\n');
}

/** Returns the places of TypeScript code that is not in a generated part, and so is not compiled: `README.md:12`. */
export function unquotedCode(text: string, file: string): string[] {
  let quoted = false;
  return text.split('\n').flatMap((line, index) => {
    if (opening.test(line) || line === closing) quoted = line !== closing;
    return !quoted && /^\s*```(ts|typescript|js|javascript)\b/.test(line) ? [`${file}:${index + 1}`] : [];
  });
}
