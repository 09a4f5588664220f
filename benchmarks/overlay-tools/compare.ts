/**
 * Compares this repository's overlay tool with others. Writes `benchmarks/overlay-tools.md` and the table in the tool's README.
 *
 * `pnpm overlay-tools --oai FOLDER [--speakeasy FILE]` installs the tools from npm into a temporary folder. FOLDER is a clone of
 * github.com/OAI/Overlay-Specification. FILE is Speakeasy's `openapi` command, which is not on npm.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Case, type Group, groups, readCases, readOaiCases } from './cases.ts';
import { attempt, npmTools, type Tool, toolsIn } from './tools.ts';

const run = promisify(execFile);

/** A case and, for each tool, whether its result is right. */
interface Row {
  readonly item: Case;
  readonly right: readonly boolean[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({ options: { oai: { type: 'string' }, speakeasy: { type: 'string' } } });
if (values.oai === undefined) {
  console.error('Set --oai to a clone of github.com/OAI/Overlay-Specification.');
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'overlay-tools-'));
try {
  const packages = npmTools.map((tool) => tool.package);
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', ...packages]);
  const tools = await toolsIn(folder, root, values.speakeasy);
  const rows = await compare(tools, [...(await readOaiCases(values.oai)), ...(await readCases())]);
  const readme = join(root, 'packages/openapi-overlay/README.md');
  await writeFile(join(root, 'benchmarks/overlay-tools.md'), report(tools, rows));
  await writeFile(readme, withTable(await readFile(readme, 'utf8'), table(tools, rows)));
} finally {
  await rm(folder, { recursive: true });
}

async function compare(tools: readonly Tool[], cases: readonly Case[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, item] of cases.entries()) {
    const attempts = tools.map(async (tool, position) =>
      isRight(item, await attempt(tool, item, join(folder, `case-${index}-${position}`))),
    );
    rows.push({ item, right: await Promise.all(attempts) });
  }
  return rows;
}

/** A result that cannot be read is wrong. */
function isRight(item: Case, result: string | undefined): boolean {
  try {
    return item.isRight(result);
  } catch {
    return false;
  }
}

function table(tools: readonly Tool[], rows: readonly Row[]): string {
  const lines = Object.entries(groups).map(([group, title]) => {
    const inGroup = rows.filter(({ item }) => item.group === group);
    const cells = tools.map((_, index) => `${inGroup.filter(({ right }) => right[index]).length}`);
    return [`${title} (${inGroup.length})`, ...cells];
  });
  return markdownTable([['', ...tools.map(({ name }) => name)], ...lines]);
}

function markdownTable([head = [], ...lines]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)].join('\n');
}

function report(tools: readonly Tool[], rows: readonly Row[]): string {
  const speakeasy =
    values.speakeasy === undefined
      ? '- Speakeasy: not run, because its command is not on npm'
      : '- Its command is not on npm: this is the one that `--speakeasy` names. Before v1.12.1 it knows only Overlay 1.0.';
  return `# Overlay tools compared

\`pnpm overlay-tools --oai FOLDER\` runs the OpenAPI Initiative's cases and those of [cases.yaml](overlay-tools/cases.yaml) against each tool, and writes this
file. Every tool applies with the options that come closest to the specification. The numbers are cases with the right result.

${table(tools, rows)}

Versions:

${tools.map(({ name, version }) => `- ${name}: ${version}`).join('\n')}
${speakeasy}

## Cases with a wrong result

Without the overlays that are only validated.

${tools
  .map((tool, index) =>
    failures(
      tool,
      rows.filter(({ item, right }) => item.document !== undefined && !right[index]),
    ),
  )
  .join('\n\n')}
`;
}

function failures({ name }: Tool, rows: readonly Row[]): string {
  if (rows.length === 0) return `### ${name}\n\nNone.`;
  const lines = rows.map(({ item }) => {
    const link = item.source === undefined ? item.name : `[${item.name}](${item.source})`;
    return `- ${titleOf(item.group)}: ${link}`;
  });
  return `### ${name}\n\n${lines.join('\n')}`;
}

function titleOf(group: Group): string {
  return groups[group];
}

function withTable(readme: string, text: string): string {
  return readme.replace(/(<!-- overlay-tools -->\n)[\s\S]*?(<!-- \/overlay-tools -->)/, `$1\n${text}\n\n$2`);
}
