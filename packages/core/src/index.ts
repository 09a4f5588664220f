export { type Account, accountRateLimiter } from './account-limiter.ts';
export { ApiError, type ApiErrorCode, type ApiErrorDetails } from './api-error.ts';
export type { AnswerWithResponse, ApiPromise } from './api-promise.ts';
export {
  type Authentication,
  type AuthenticationContext,
  bearerAuth,
  formPairAuth,
  type SecurityScheme,
  schemeAuth,
} from './authentication.ts';
export type { CallOptions, SendOptions } from './call-options.ts';
export type { ClientDefinition } from './client-definition.ts';
export type { ClientOptions } from './client-options.ts';
export { type Clock, systemClock } from './clock.ts';
export { createClient } from './create-client.ts';
export { type BaseUrlSource, baseUrl, type CredentialSource, credential, environment } from './environment.ts';
export type { Example, ExampleTable } from './example.ts';
export type {
  CallEvent,
  DoneEvent,
  ErrorEvent,
  HookedCall,
  Hooks,
  NoResponseEvent,
  RedactedArguments,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
} from './hooks.ts';
export type { Answer, Arguments, Item, Method, NoArguments, PagedMethod } from './method.ts';
export { type OAuth2ClientCredentials, oauth2ClientCredentials } from './oauth2-client-credentials.ts';
export type { Operation, OperationTable, PageRule } from './operation.ts';
export type { Paged } from './pages.ts';
export type { Quirks, VendorFailure } from './quirks.ts';
export type { LimitedAnswer, LimitedRequest, RateLimit, RateLimiter, Release } from './rate-limiter.ts';
export type { OutgoingRequest } from './request-context.ts';
export { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
