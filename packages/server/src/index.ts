export { createApp } from './app.ts';
export type { AppOptions, ListedOffers } from './options.ts';
export { type RunningServer, ServerError, type ServerOptions, startServer } from './server.ts';
export { addToken, listTokens, removeToken, TokenExistsError, type TokenInfo, type TokenScope } from './tokens.ts';
