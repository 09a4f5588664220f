import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gitBaseline } from './baseline.ts';
import { GenerationError } from './generation-error.ts';
import type { GenerateOptions } from './pipeline.ts';
import { emitThread } from './threads.ts';
import { LastRun } from './unchanged.ts';
import type { UpgradeReport } from './upgrade/report.ts';
import type { VendorRules } from './vendor-rules.ts';

export type CommandContext = Pick<GenerateOptions, 'root' | 'vendors' | 'own' | 'print' | 'complain'>;

/** Runs `pnpm generate` and returns the exit code. */
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
    options: {
      check: { type: 'boolean', default: false },
      report: { type: 'string' },
      since: { type: 'string' },
      changeset: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    context.print(usage(context.vendors));
    return 0;
  }
  const { report: format = 'text', since = 'HEAD', check, changeset } = values;
  if (format !== 'text' && format !== 'json') {
    throw new GenerationError(`Unknown report format "${format}". Choose text or json.`);
  }
  const vendors = chosen(positionals, context.vendors);
  const lastRun = new LastRun(context.root, positionals.length === 0 ? 'all' : positionals.join('+'));
  const isPlain = !check && !changeset && values.report === undefined && values.since === undefined;
  if (isPlain && lastRun.isCurrent()) {
    context.print('Nothing has changed since the last run.');
    return 0;
  }

  // The thread loads the TypeScript compiler while this one loads the rest.
  emitThread.start();
  const { generate } = await import('./pipeline.ts');
  const { reportText } = await import('./upgrade/report-text.ts');
  const reports: UpgradeReport[] = [];
  const fine = await generate({
    ...context,
    vendors,
    shared: positionals.length === 0,
    check,
    baseline: gitBaseline(
      context.root,
      since,
      vendors.map(({ vendor, published }) => `specs/${vendor}/${published}`),
    ),
    // Whoever reads JSON from the standard output can read nothing else from it.
    print: format === 'json' ? context.complain : context.print,
    report: async (report) => {
      reports.push(report);
      if (format === 'text') for (const line of reportText(report)) context.print(line);
      if (changeset) await writeChangeset(report, context);
    },
  });
  if (format === 'json') context.print(JSON.stringify(reports, null, 2));
  // A report is repeated until the document is committed.
  if (isPlain && fine && reports.length === 0) lastRun.record();
  return fine ? 0 : 1;
}

async function writeChangeset(report: UpgradeReport, { root, complain }: CommandContext): Promise<void> {
  const { changesetOf } = await import('./upgrade/changeset.ts');
  const { version }: { version: string } = JSON.parse(
    await readFile(join(root, `packages/${report.vendor}/package.json`), 'utf8'),
  );
  const text = changesetOf(report, version);
  if (text === undefined) return;
  const path = `.changeset/${report.vendor}-document.md`;
  await writeFile(join(root, path), text);
  complain(`${report.vendor}: ${path} written. Edit it so that it says what users notice.`);
}

function usage(vendors: readonly VendorRules[]): string {
  return `pnpm generate [VENDOR] [options]

Generate specs/VENDOR/openapi.yaml and packages/VENDOR/{src/generated,METHODS.md,PATCHES.md} from the published
document and the overlay. Without VENDOR, also update the code that READMEs quote, and the client of our own server.
If a published document differs from the one in git, report what that means for the patches and for users.

  VENDOR            ${namesOf(vendors)} (default: all)
  --check           write nothing; print a diff of stale files and exit with 1
  --report <format> print the report as text or json (default: text)
  --since <commit>  compare with the published document of this commit (default: HEAD)
  --changeset       write .changeset/VENDOR-document.md from the report`;
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
