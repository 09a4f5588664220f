import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the library runs in a browser: its bundle needs no Node module and no Node global', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'library',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const context = createContext({ TextDecoder, TextEncoder });
  runInContext(outputFiles[0]?.text ?? '', context);
  const result: unknown = runInContext(
    `{
      const overlay = library.parseOverlay(new TextEncoder().encode(
        'overlay: 1.1.0\\ninfo: {title: t, version: "1"}\\nactions: [{target: $.a, update: 9007199254740993}]'
      ), 'overlay.yaml');
      const text = library.applyOverlayToText({ file: 'a.yaml', content: 'a: 1 # one' }, overlay);
      const diff = library.createOverlay({ file: 'a', content: 'a: 1' }, { file: 'b', content: text });
      [text, diff.includes('update: 9007199254740993'), library.stringifyYaml(library.parseDocument('{"a": 1}', 'a.json'))];
    }`,
    context,
  );
  expect(JSON.stringify(result)).toBe(JSON.stringify(['a: 9007199254740993 # one\n', true, 'a: 1\n']));
});
