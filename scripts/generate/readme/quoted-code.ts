import { join } from 'node:path';
import { readIfThere } from '../generated-files.ts';
import { GenerationError } from '../generation-error.ts';

const folder = 'examples';
const start = /^\s*\/\/ #region shown$/;
const end = /^\s*\/\/ #endregion$/;

/**
 * Returns the part `code FILE`: a file below `examples/` as a code block. READMEs thus show code that is compiled and
 * run. If the file has the line `// #region shown`, the block ends at `// #endregion` and omits the rest of the file.
 */
export async function quotedCode(root: string, name: string): Promise<string | undefined> {
  const file = /^code (\S+)$/.exec(name)?.[1];
  if (file === undefined) return undefined;
  const path = `${folder}/${file}`;
  const text = readIfThere(join(root, path));
  if (text === undefined) throw new GenerationError(`${path} is quoted but does not exist.`);
  return `\`\`\`ts\n${shown(text, path)}\n\`\`\``;
}

function shown(text: string, path: string): string {
  const lines = text.trimEnd().split('\n');
  const from = lines.findIndex((line) => start.test(line));
  if (from < 0) return lines.join('\n');
  const to = lines.findIndex((line, index) => index > from && end.test(line));
  if (to < 0) throw new GenerationError(`${path}: The shown region has no end. Add // #endregion.`);
  return lines
    .slice(from + 1, to)
    .join('\n')
    .trim();
}
