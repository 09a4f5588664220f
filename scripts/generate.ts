import { fileURLToPath } from 'node:url';
import { generateCommand } from './generate/command.ts';
import { vendors } from './generate/vendors.ts';

process.exitCode = await generateCommand(process.argv.slice(2), {
  root: fileURLToPath(new URL('..', import.meta.url)),
  vendors,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
});
