import { parseArgs } from 'node:util';
import { GenerationError } from './generation-error.ts';
import { type GenerateOptions, generate } from './pipeline.ts';
import type { VendorRules } from './vendor-rules.ts';

export type CommandContext = Omit<GenerateOptions, 'check' | 'readmes'>;

/** Runs `pnpm generate [VENDOR] [--check]` and returns the exit code. */
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

Generate specs/VENDOR/openapi.yaml and packages/VENDOR/{src/generated,METHODS.md,PATCHES.md} from the published
document and the overlay. Without VENDOR, also update the code that READMEs quote.

  VENDOR    ${namesOf(vendors)} (default: all)
  --check   write nothing; print a diff of stale files and exit with 1`;
}

function chosen(names: readonly string[], vendors: readonly VendorRules[]): readonly VendorRules[] {
  const unknown = names.find((name) => !vendors.some(({ vendor }) => vendor === name));
  if (unknown !== undefined)
    throw new GenerationError(`Unknown vendor "${unknown}". Choose one of ${namesOf(vendors)}.`);
  return names.length === 0 ? vendors : vendors.filter(({ vendor }) => names.includes(vendor));
}

function namesOf(vendors: readonly VendorRules[]): string {
  return vendors.map(({ vendor }) => vendor).join(', ');
}

/** Whether the error is a wrong argument or one that a maintainer can correct. Any other is a bug, which needs its stack. */
function isExpected(error: unknown): error is Error {
  if (error instanceof GenerationError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
