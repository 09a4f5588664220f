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

test('an unknown vendor is one sentence that lists the four', async () => {
  expect(await run('hetzner')).toEqual({
    code: 1,
    said: '',
    complained: 'Unknown vendor hetzner: choose one of gpu-ai, massed-compute, tensordock, verda.',
  });
});

test('an unknown option is one sentence', async () => {
  const { code, complained } = await run('--dry-run');
  expect(code).toBe(1);
  expect(complained).toContain("Unknown option '--dry-run'");
  expect(complained).not.toContain('\n');
});

test('--help shows how it is used', async () => {
  const { code, said } = await run('--help');
  expect(code).toBe(0);
  expect(said).toContain('pnpm generate [VENDOR] [--check]');
});

test('one vendor is generated alone, and trouble with it is exit code 1', async () => {
  expect(await run('verda', '--check')).toEqual({
    code: 1,
    said: '',
    complained: 'verda: specs/verda/published.json is missing.',
  });
});
