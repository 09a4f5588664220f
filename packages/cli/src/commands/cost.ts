import { type AccountStatement, accountStatements } from '@gpu-clouds/clouds';
import { costOf, type JobSummary, jobHandle, type LeaseSummary, listJobs, listLeases } from '@gpu-clouds/jobs';
import { dollars } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface CostOptions {
  readonly since: Date;
  readonly by: 'vendor' | 'gpu' | 'run' | 'tag';
  /** The tag to group by. */
  readonly tag?: string | undefined;
  readonly json?: boolean | undefined;
}

/** A part of the cost of one run or lease. */
interface Part {
  readonly run: string;
  readonly vendor: string;
  readonly gpu: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly dollars: number;
}

/** Shown for what no worker answers for, and for runs without the tag. */
const unknown = '(unknown)';
const untagged = '(no tag)';
const titles = { vendor: 'CLOUD', gpu: 'GPU', run: 'RUN' } as const;

/** Adds up the runs and leases that started since a moment, beside what the clouds say. */
export async function cost(options: CostOptions, terminal: Terminal): Promise<void> {
  const [parts, said] = await Promise.all([
    partsOf(options, terminal),
    accountStatements({ env: terminal.env, since: options.since }),
  ]);
  const accounts = said.map((account) => compared(account, parts));
  const groups = new Map<string, { runs: Set<string>; dollars: number }>();
  for (const part of parts) {
    const group = groups.get(groupOf(part, options)) ?? { runs: new Set(), dollars: 0 };
    group.runs.add(part.run);
    group.dollars += part.dollars;
    groups.set(groupOf(part, options), group);
  }
  const rows = [...groups]
    .map(([name, group]) => ({ name, runs: group.runs.size, dollars: group.dollars }))
    .toSorted((a, b) => b.dollars - a.dollars);
  const total = parts.reduce((sum, part) => sum + part.dollars, 0);
  if (options.json) {
    terminal.out(JSON.stringify({ since: options.since, by: options.by, groups: rows, total, accounts }));
    return;
  }
  const tables = { columns: terminal.columns, style: styleOf(terminal) };
  const title = options.by === 'tag' ? (options.tag ?? 'tag') : titles[options.by];
  if (rows.length > 0)
    terminal.out(
      table(
        [...rows, { name: 'total', runs: new Set(parts.map(({ run }) => run)).size, dollars: total }],
        [
          { title, value: ({ name }) => name, shrinkTo: 20 },
          { title: 'RUNS', value: ({ runs }) => String(runs), align: 'right' },
          { title: 'COST', value: (row) => dollars(row.dollars), align: 'right' },
        ],
        tables,
      ),
    );
  else terminal.note(`Nothing started since ${options.since.toISOString()}.`);
  if (accounts.length > 0) {
    terminal.out('');
    terminal.out(
      table(
        accounts,
        [
          { title: 'CLOUD', value: ({ vendor }) => vendor },
          { title: 'BALANCE', value: ({ balance }) => amount(balance), align: 'right' },
          { title: 'CLOUD SAYS', value: ({ spent }) => amount(spent), align: 'right' },
          { title: 'COUNTED', value: ({ counted }) => amount(counted), align: 'right' },
          { title: 'DIFFERENCE', value: ({ difference }) => amount(difference), align: 'right' },
          { title: 'NOTE', value: ({ message }) => message ?? '', shrinkTo: 12 },
        ],
        tables,
      ),
    );
  }
}

/** Adds what was counted here, and by how much more the cloud counted: other users of the account, or a mistake. */
function compared(account: AccountStatement, parts: readonly Part[]) {
  const counted = parts.reduce((sum, { vendor, dollars: cost }) => sum + (vendor === account.vendor ? cost : 0), 0);
  return { ...account, counted, difference: account.spent === undefined ? undefined : account.spent - counted };
}

function amount(value: number | undefined): string {
  return value === undefined ? '' : dollars(value);
}

function groupOf(part: Part, { by, tag = '' }: CostOptions): string {
  return by === 'tag' ? (part.tags[tag] ?? untagged) : part[by];
}

async function partsOf({ since }: CostOptions, terminal: Terminal): Promise<readonly Part[]> {
  return withTemporal(terminal, async (client) => {
    const fleet = await fleetOf(terminal, client);
    const parts: Part[] = [];
    for await (const run of listJobs(client, { fleet, since }))
      parts.push(...runParts(run, await jobHandle(client, run.id).status()));
    for await (const lease of listLeases(client, { fleet, since })) parts.push(leasePart(lease));
    return parts;
  });
}

function runParts(
  { id, tags }: JobSummary,
  status: Awaited<ReturnType<ReturnType<typeof jobHandle>['status']>>,
): readonly Part[] {
  const now = Date.now();
  const known = status.instances.map((instance) => ({
    run: id,
    tags,
    vendor: instance.offer.vendor,
    gpu: instance.offer.gpu,
    dollars: costOf([instance], now),
  }));
  // Temporal has the total of an ended run, even if no worker answers for its instances.
  const rest = status.costSoFar - known.reduce((sum, part) => sum + part.dollars, 0);
  return rest > 0.000_001 ? [...known, { run: id, tags, vendor: unknown, gpu: unknown, dollars: rest }] : known;
}

/** The price of a lease is that of its instance, so this is its cost unless the price has changed. */
function leasePart({ name, vendor, gpus, pricePerHour = 0, startedAt, endedAt }: LeaseSummary): Part {
  const hours = ((endedAt?.getTime() ?? Date.now()) - startedAt.getTime()) / 3_600_000;
  return { run: name, tags: {}, vendor: vendor ?? unknown, gpu: gpus ?? unknown, dollars: hours * pricePerHour };
}
