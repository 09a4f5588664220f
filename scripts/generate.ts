import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GenerationError } from './generate/generation-error.ts';
import { generate } from './generate/pipeline.ts';
import type { VendorRules } from './generate/vendor-rules.ts';
import { vendors } from './generate/vendors.ts';

const names = vendors.map(({ vendor }) => vendor);
const usage = `pnpm generate [VENDOR] [--check]

Makes specs/VENDOR/openapi.yaml and packages/VENDOR/src/generated from the published document and the overlay.

  VENDOR    one of ${names.join(', ')}; all four when left out
  --check   write nothing; show a diff of what is stale and exit 1
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const fine = await generate({
    root: fileURLToPath(new URL('..', import.meta.url)),
    vendors: chosen(positionals),
    check: values.check,
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
  });
  return fine ? 0 : 1;
}

function chosen(positionals: readonly string[]): readonly VendorRules[] {
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new GenerationError(`Unknown vendor ${unknown}: choose one of ${names.join(', ')}.`);
  return positionals.length === 0 ? vendors : vendors.filter(({ vendor }) => positionals.includes(vendor));
}

/** Wrong arguments and anything a maintainer can put right; the rest is a defect of the generator, whose stack is wanted. */
function isExpected(error: unknown): error is Error {
  if (error instanceof GenerationError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
