// Plain JavaScript, so that Node need not load its TypeScript compiler when nothing has changed: the cache has it compiled.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
enableCompileCache(`${root}node_modules/.cache/gpu-clouds/compiled`);
const { generateCommand } = await import('./generate/command.ts');
const { vendors } = await import('./generate/vendors.ts');
const { ownDocuments: own } = await import('./generate/own-documents.ts');

process.exitCode = await generateCommand(process.argv.slice(2), {
  root,
  vendors,
  own,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
});
