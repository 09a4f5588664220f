export {
  type ResolvedServer,
  type ResolveServerOptions,
  resolveTemporalServer,
  resolveTimeSkippingServer,
  ServerNotFoundError,
} from './resolve-server.ts';
export { type DevServer, DevServerError, type DevServerOptions, startDevServer } from './start-dev-server.ts';
