/** The smoke test as a command. The first argument has its settings, and it prints the outcome. */
import process from 'node:process';
import { smoke } from './program.ts';

const outcome = await smoke(JSON.parse(process.argv[2] ?? '{}')).then(
  (passed) => ({ passed }),
  (error) => ({ failure: String(error) }),
);
console.log(JSON.stringify(outcome));
