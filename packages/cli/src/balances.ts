import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AccountStatement, variablePrefix } from '@gpu-clouds/clouds';
import { z } from 'zod';
import { home, makeHome } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds from one balance that is kept to the next, while the balance falls. */
const oftenEnough = 3_600_000;
/** Milliseconds for which balances are kept. */
const longestKept = 90 * 24 * 3_600_000;

const balance = z.object({ at: z.iso.datetime(), dollars: z.number() });
const balances = z.record(z.string(), z.object({ account: z.string(), seen: z.array(balance) }));

/** The balance of an account at a moment, in US dollars. */
type Balance = z.output<typeof balance>;

/** What a cloud says, and from when on `spent` counts. */
export interface Statement extends AccountStatement {
  readonly spentSince?: Date | undefined;
}

/**
 * Adds what was spent to each statement that has only a balance: by how much the balance fell from the first one after `since`, or else from
 * the last one before. Balances are kept in a file. After a payment into the account the comparison starts over, because the balance then hides
 * what was spent.
 */
export async function withSpending(
  statements: readonly AccountStatement[],
  since: Date,
  terminal: Terminal,
  now = new Date(),
): Promise<readonly Statement[]> {
  const file = join(home(terminal), 'balances.json');
  const earlier = await readBalances(file, terminal);
  const kept = { ...earlier };
  const found = statements.map((statement): Statement => {
    const { vendor, balance: dollars } = statement;
    if (statement.spent !== undefined) return { ...statement, spentSince: since };
    if (dollars === undefined) return statement;
    const account = accountOf(vendor, terminal);
    const seen = earlier[vendor]?.account === account ? earlier[vendor].seen : [];
    kept[vendor] = { account, seen: recent(seen, { at: now.toISOString(), dollars }) };
    const fall = sinceLastRise([...seen, { at: now.toISOString(), dollars }]).slice(0, -1);
    // Without one in time, the last one before.
    const first = fall.find(({ at }) => Date.parse(at) >= since.getTime()) ?? fall.at(-1);
    if (first !== undefined) return { ...statement, spent: first.dollars - dollars, spentSince: new Date(first.at) };
    const why = seen.length === 0 ? 'There is no earlier balance' : 'The account was topped up';
    return {
      ...statement,
      message: `${why}, so the spending is unknown. Run "gpu-clouds cost" again later to see it.`,
    };
  });
  if (JSON.stringify(kept) !== JSON.stringify(earlier)) await writeBalances(file, kept, terminal);
  return found;
}

/** Returns the balances from the last payment into the account on. */
function sinceLastRise(seen: readonly Balance[]): readonly Balance[] {
  const rise = seen.findLastIndex(({ dollars }, index) => dollars > (seen[index - 1]?.dollars ?? dollars));
  return seen.slice(Math.max(0, rise));
}

/** Adds the latest balance. Drops the one before it if less than an hour separates it from its predecessor and the balance only fell. */
function recent(seen: readonly Balance[], latest: Balance): Balance[] {
  const oldest = Date.parse(latest.at) - longestKept;
  const kept = [...seen, latest].filter(({ at }) => Date.parse(at) >= oldest);
  const [first, middle] = kept.length < 3 ? [] : kept.slice(-3);
  if (first === undefined || middle === undefined) return kept;
  const fell = middle.dollars <= first.dollars && latest.dollars <= middle.dollars;
  if (fell && Date.parse(middle.at) - Date.parse(first.at) < oftenEnough) kept.splice(-2, 1);
  return kept;
}

/** Returns an ID of the credentials. It is part of a hash, because the file must not contain a secret. */
function accountOf(vendor: AccountStatement['vendor'], { env }: Terminal): string {
  const credentials = Object.entries(env).filter(([name]) => name.startsWith(variablePrefix(vendor)));
  return createHash('sha256').update(JSON.stringify(credentials.toSorted())).digest('hex').slice(0, 12);
}

async function readBalances(file: string, terminal: Terminal): Promise<z.output<typeof balances>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return balances.parse(JSON.parse(text));
  } catch {
    terminal.note(`gpu-clouds: ${file} is not valid. The comparison of balances starts over.`);
    return {};
  }
}

async function writeBalances(file: string, kept: z.output<typeof balances>, terminal: Terminal): Promise<void> {
  try {
    await makeHome(terminal);
    const temporary = `${file}.${process.pid}`;
    await writeFile(temporary, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    terminal.note(`gpu-clouds: Cannot save the balances for the next call: ${why}`);
  }
}
