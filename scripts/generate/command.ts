import { parseArgs } from 'node:util';
import { GenerationError } from './generation-error.ts';
import { type GenerateOptions, generate } from './pipeline.ts';
import type { VendorRules } from './vendor-rules.ts';

export type CommandContext = Omit<GenerateOptions, 'check' | 'readmes'>;

/** `pnpm generate [VENDOR] [--check]`; gives the exit code. */
export async function generateCommand(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await run(args, context);
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.complain(error.message);
    return 1;
  }
}

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    context.print(usage(context.vendors));
    return 0;
  }
  const vendors = chosen(positionals, context.vendors);
  return (await generate({ ...context, vendors, readmes: positionals.length === 0, check: values.check })) ? 0 : 1;
}

function usage(vendors: readonly VendorRules[]): string {
  return `pnpm generate [VENDOR] [--check]

Makes specs/VENDOR/openapi.yaml, packages/VENDOR/src/generated and the generated parts of packages/VENDOR/README.md
from the published document and the overlay, and writes the code that READMEs quote into them.

  VENDOR    ${namesOf(vendors)}; all of them, and the other packages' READMEs, when left out
  --check   write nothing; show a diff of what is stale and exit 1`;
}

function chosen(names: readonly string[], vendors: readonly VendorRules[]): readonly VendorRules[] {
  const unknown = names.find((name) => !vendors.some(({ vendor }) => vendor === name));
  if (unknown !== undefined) throw new GenerationError(`Unknown vendor ${unknown}: choose one of ${namesOf(vendors)}.`);
  return names.length === 0 ? vendors : vendors.filter(({ vendor }) => names.includes(vendor));
}

function namesOf(vendors: readonly VendorRules[]): string {
  return vendors.map(({ vendor }) => vendor).join(', ');
}

/** Wrong arguments and what a maintainer can put right; the rest is a defect of the generator, whose stack is wanted. */
function isExpected(error: unknown): error is Error {
  if (error instanceof GenerationError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
