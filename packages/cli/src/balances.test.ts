import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Recording, recordingTerminal } from '../test/recording-terminal.ts';
import { withSpending } from './balances.ts';

let home: string;
let file: string;
let terminal: Recording;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gpu-clouds-balances-'));
  file = join(home, 'balances.json');
  terminal = recordingTerminal({ GPU_CLOUDS_HOME: home, VERDA_CLIENT_SECRET: 'secret-1' });
});
afterEach(() => rm(home, { recursive: true }));

const at = (date: number, hours = 0, minutes = 0) => new Date(Date.UTC(2026, 10, date, hours, minutes));

/** Returns the statement of Verda when its balance is seen at a moment. */
async function seen(dollars: number, now: Date, since = at(1), on: Recording = terminal) {
  const [statement] = await withSpending([{ vendor: 'verda', balance: dollars }], since, on, now);
  return statement;
}

it('the first call says that the spending is unknown, and how to see it', async () => {
  expect(await seen(100, at(20))).toEqual({
    vendor: 'verda',
    balance: 100,
    message: 'There is no earlier balance, so the spending is unknown. Run "gpu-clouds cost" again later to see it.',
  });
});

it('the spending is by how much the balance fell since the first call', async () => {
  await seen(100, at(20));
  await seen(97, at(21));
  expect(await seen(95, at(22))).toEqual({ vendor: 'verda', balance: 95, spent: 5, spentSince: at(20) });
});

it('the spending counts from the first balance after --since, or else from the last one before', async () => {
  await seen(100, at(20));
  await seen(97, at(21));
  expect(await seen(95, at(22), at(20, 12))).toMatchObject({ spent: 2, spentSince: at(21) });
  expect(await seen(94, at(22, 0, 30), at(22, 0, 20))).toMatchObject({ spent: 1, spentSince: at(22) });
});

it('after a payment into the account, the comparison starts over from the balance after it', async () => {
  await seen(100, at(20));
  expect(await seen(150, at(21))).toMatchObject({ message: expect.stringContaining('The account was topped up') });
  expect(await seen(149, at(22))).toMatchObject({ spent: 1, spentSince: at(21) });
  await seen(140, at(22, 0, 10));
  expect(await seen(145, at(22, 0, 20))).not.toHaveProperty('spent');
  expect(await seen(144, at(22, 0, 30))).toMatchObject({ spent: 1, spentSince: at(22, 0, 20) });
});

it('with other credentials, the comparison starts over, because they may belong to another account', async () => {
  await seen(100, at(20));
  const other = recordingTerminal({ ...terminal.env, VERDA_CLIENT_SECRET: 'secret-2' });
  expect(await seen(40, at(21), at(1), other)).not.toHaveProperty('spent');
});

it('a cloud that reports usage, or no balance, is shown as it is', async () => {
  const usage = { vendor: 'gpu-ai', spent: 3 } as const;
  const silent = { vendor: 'massed-compute', message: 'The vendor reports neither a balance nor usage.' } as const;
  expect(await withSpending([usage, silent], at(1), terminal, at(20))).toEqual([
    { ...usage, spentSince: at(1) },
    silent,
  ]);
});

it('the file keeps one balance per hour and the last one, for 90 days, no credentials, and is readable to the user only', async () => {
  for (let minute = 0; minute < 300; minute++) await seen(1000 - minute, at(20, 0, minute));
  const text = await readFile(file, 'utf8');
  expect(JSON.parse(text).verda.seen).toHaveLength(6);
  expect(text).not.toContain('secret-1');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await seen(1, new Date(at(20).getTime() + 91 * 86_400_000));
  expect(JSON.parse(await readFile(file, 'utf8')).verda.seen).toHaveLength(1);
});

it('a truncated file is reported, and the comparison starts over', async () => {
  await writeFile(file, '{"verda":');
  expect(await seen(100, at(20))).not.toHaveProperty('spent');
  expect(terminal.notes).toEqual([`gpu-clouds: ${file} is not valid. The comparison of balances starts over.`]);
  expect(await seen(99, at(21))).toMatchObject({ spent: 1 });
});

it('if the home folder cannot be written, cost reports it and still shows the balance', async () => {
  await writeFile(file, '{}');
  const readOnly = recordingTerminal({ ...terminal.env, GPU_CLOUDS_HOME: join(file, 'home') });
  expect(await seen(100, at(20), at(1), readOnly)).toMatchObject({ balance: 100 });
  expect(readOnly.notes).toEqual([expect.stringContaining('gpu-clouds: Cannot save the balances for the next call: ')]);
});
