/** The smoke test as a command: its setting is the first argument, what passed is its output. */
import process from 'node:process';
import { smoke } from './program.ts';

console.log(JSON.stringify(await smoke(JSON.parse(process.argv[2] ?? '{}'))));
