import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addToken, listTokens, newToken, removeToken, TokenCheck, TokenExistsError } from './tokens.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-tokens-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a token is known by its name and scope until it is removed', async () => {
  const token = await addToken(runs, 'ada', 'run');
  expect(await new TokenCheck(runs, undefined).callerOf(token)).toMatchObject({ name: 'ada', scope: 'run' });
  expect(await removeToken(runs, 'ada')).toBe(true);
  expect(await new TokenCheck(runs, undefined).callerOf(token)).toBeUndefined();
  expect(await removeToken(runs, 'ada')).toBe(false);
});

it('the run store has the hash of a token, and not the token', async () => {
  const token = await addToken(runs, 'ada', 'read');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
  );
  expect(texts.join('')).toMatch(/"sha256":"[0-9a-f]{64}"/);
  expect(texts.join('')).not.toContain(token);
});

it('a second token of the same name is refused, and listing shows no hash', async () => {
  await addToken(runs, 'ada', 'read');
  await expect(addToken(runs, 'ada', 'run')).rejects.toThrow(TokenExistsError);
  expect(await listTokens(runs)).toEqual([{ name: 'ada', scope: 'read', createdAt: expect.any(String) }]);
});

it('only the generated token may do everything, and without one no token may', async () => {
  const token = newToken();
  expect(await new TokenCheck(runs, token).callerOf(token)).toEqual({ name: 'admin', scope: 'admin' });
  expect(await new TokenCheck(runs, token).callerOf('')).toBeUndefined();
  expect(await new TokenCheck(runs, undefined).callerOf(token)).toBeUndefined();
});

it('a damaged record in the run store is no token', async () => {
  await runs.tokens.put('broken', '{"scope":"admin","sha256":""}');
  await runs.tokens.put('worse', 'x');
  expect(await listTokens(runs)).toEqual([]);
  expect(await new TokenCheck(runs, undefined).callerOf('')).toBeUndefined();
});
