// pnpm new-vendor NAME DOCUMENT: begins the client, the adapter, and the simulator of another vendor.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GenerationError } from './generate/generation-error.ts';
import { newVendor } from './new-vendor/new-vendor.ts';
import { UsageError } from './usage.ts';

const usage = `Usage: pnpm new-vendor NAME DOCUMENT

Begins another vendor: its spec folder with the document and an empty overlay, and skeletons of its client, its adapter, and its
simulator. CONTRIBUTING.md, "Add a vendor", says how to go on.

  NAME      package name in lower case, such as sky-forge
  DOCUMENT  file with the vendor's OpenAPI 3.0 or 3.1 document, JSON or YAML`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [name, document, ...more] = positionals;
  if (values.help) console.log(usage);
  else if (name === undefined || document === undefined || more.length > 0) throw new UsageError(usage);
  else await newVendor(fileURLToPath(new URL('..', import.meta.url)), name, document, (line) => console.log(line));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof GenerationError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
