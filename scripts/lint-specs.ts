import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OverlayError, parseDocument } from '@gpu-clouds/openapi-overlay';
import { wrongExamples } from './generate/examples-in-document.ts';
import { GenerationError } from './generate/generation-error.ts';
import { lint } from './generate/lint.ts';
import { asDocument } from './generate/openapi.ts';
import { vendors } from './generate/vendors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Returns the problems of a committed document: Redocly's errors and warnings, then examples that do not match their schemas. */
async function complaintsAbout(file: string): Promise<string[]> {
  const source = await readFile(join(root, file), 'utf8').catch(() => undefined);
  if (source === undefined) return [`${file} is missing: run \`pnpm generate\`.`];
  try {
    const document = parseDocument(source, file);
    return [...(await lint(document, source, file)), ...wrongExamples(asDocument(document, file))];
  } catch (error) {
    if (OverlayError.isInstance(error) || error instanceof GenerationError) return [error.message];
    throw error;
  }
}

for (const { vendor } of vendors) {
  const complaints = await complaintsAbout(`specs/${vendor}/openapi.yaml`);
  if (complaints.length === 0) console.log(`${vendor}: no errors, no warnings, every example matches its schema`);
  else console.error([`${vendor}: ${complaints.length} problems`, ...complaints].join('\n'));
  if (complaints.length > 0) process.exitCode = 1;
}
