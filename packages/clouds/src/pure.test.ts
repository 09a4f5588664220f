import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What a module imports, and what those import; types left out, since they are gone when it runs. */
function importsOf(file: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file.href)) return seen;
  const source = readFileSync(file, 'utf8');
  const names = [...source.matchAll(/^(?:import|export)(?! type)[^;]*? from '([^']+)'/gm)].map(([, name = '']) => name);
  seen.set(file.href, names);
  for (const name of names) if (name.startsWith('.')) importsOf(new URL(name, file), seen);
  return seen;
}

it('can be imported by a workflow: nothing of Node, no client, nothing but the hash function', () => {
  const imports = importsOf(new URL('./pure.ts', import.meta.url));
  expect([...imports.values()].flat().filter((name) => !name.startsWith('.'))).toEqual(['@noble/hashes/sha2.js']);
  expect(imports.size).toBeGreaterThan(4);
});
