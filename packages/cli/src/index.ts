export { offersTable } from './commands/offers.ts';
export { run } from './commands/run.ts';
export { type Stack, type StackOptions, startStack } from './dev/stack.ts';
export { main } from './main.ts';
export { dollars, elapsed } from './output/format.ts';
export { table } from './output/table.ts';
export type { Terminal } from './terminal.ts';
