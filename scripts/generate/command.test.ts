import { expect, test } from 'vitest';
import { generateCommand } from './command.ts';
import { vendors } from './vendors.ts';

async function run(...args: string[]): Promise<{ code: number; said: string; complained: string }> {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await generateCommand(args, {
    root: '/nowhere',
    vendors,
    print: (line) => said.push(line),
    complain: (line) => complained.push(line),
  });
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}

test('generate with an unknown vendor prints one line that lists the vendors', async () => {
  expect(await run('hetzner')).toEqual({
    code: 1,
    said: '',
    complained: 'Unknown vendor "hetzner". Choose one of gpu-ai, massed-compute, tensordock, verda.',
  });
});

test('generate with an unknown option prints one line', async () => {
  const { code, complained } = await run('--dry-run');
  expect(code).toBe(1);
  expect(complained).toContain("Unknown option '--dry-run'");
  expect(complained).not.toContain('\n');
});

test('generate --help prints the usage', async () => {
  const { code, said } = await run('--help');
  expect(code).toBe(0);
  expect(said).toContain('pnpm generate [VENDOR] [options]');
});

test('generate with a vendor processes only that vendor and exits with 1 when it fails', async () => {
  expect(await run('verda', '--check')).toEqual({
    code: 1,
    said: '',
    complained: 'verda: specs/verda/published.json is missing.',
  });
});
