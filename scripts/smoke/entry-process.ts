/** The smoke test as a command: its setting is the first argument, what passed or what failed is its output. */
import process from 'node:process';
import { smoke } from './program.ts';

const outcome = await smoke(JSON.parse(process.argv[2] ?? '{}')).then(
  (passed) => ({ passed }),
  (error) => ({ failure: String(error) }),
);
console.log(JSON.stringify(outcome));
