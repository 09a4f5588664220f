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
 * Adds what was spent to each statement that has a balance only: what the balance has fallen by since it was first seen after `since`, or last
 * seen before. What is seen is kept in a file. An account that was topped up begins anew, because the payment hides what was spent.
 */
export async function withFalls(
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
    const why = seen.length === 0 ? 'the balance was not seen before' : 'the account was topped up since the last call';
    return { ...statement, message: `What was spent shows from the next call on, as the balance falls: ${why}.` };
  });
  if (JSON.stringify(kept) !== JSON.stringify(earlier)) await writeBalances(file, kept, terminal);
  return found;
}

/** Returns the balances from the last payment into the account on. */
function sinceLastRise(seen: readonly Balance[]): readonly Balance[] {
  const rise = seen.findLastIndex(({ dollars }, index) => dollars > (seen[index - 1]?.dollars ?? dollars));
  return seen.slice(Math.max(0, rise));
}

/** Adds what was seen last, and drops what was seen before it if that tells no more than its neighbors. */
function recent(seen: readonly Balance[], latest: Balance): Balance[] {
  const oldest = Date.parse(latest.at) - longestKept;
  const kept = [...seen, latest].filter(({ at }) => Date.parse(at) >= oldest);
  const [first, middle] = kept.length < 3 ? [] : kept.slice(-3);
  if (first === undefined || middle === undefined) return kept;
  const fell = middle.dollars <= first.dollars && latest.dollars <= middle.dollars;
  if (fell && Date.parse(middle.at) - Date.parse(first.at) < oftenEnough) kept.splice(-2, 1);
  return kept;
}

/** Tells apart the accounts that the credentials lead to. A part of a hash: the file must not have a secret. */
function accountOf(vendor: AccountStatement['vendor'], { env }: Terminal): string {
  const credentials = Object.entries(env).filter(([name]) => name.startsWith(variablePrefix(vendor)));
  return createHash('sha256').update(JSON.stringify(credentials.toSorted())).digest('hex').slice(0, 12);
}

async function readBalances(file: string, terminal: Terminal): Promise<z.output<typeof balances>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return balances.parse(JSON.parse(text));
  } catch {
    terminal.note(`gpu-clouds: ${file} is not valid. What the clouds say was spent starts again.`);
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
    terminal.note(`gpu-clouds: The balances cannot be kept for the next call: ${why}`);
  }
}
