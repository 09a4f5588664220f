export {
  type DevServer,
  DevServerError,
  type DevServerOptions,
  type ResolvedServer,
  type ResolveServerOptions,
  resolveTemporalServer,
  resolveTimeSkippingServer,
  ServerNotFoundError,
  startDevServer,
} from './dev-server/index.ts';
export { freePort, freePorts } from './free-ports.ts';
export { type Command, ProgramError, type ReadyProgram, startReady } from './ready-program.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
export { type SupervisedOptions, type SupervisedProcess, startSupervised } from './supervised-process.ts';
