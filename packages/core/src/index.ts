export type { AnswerWithResponse, ApiPromise } from './api-promise.ts';
export type { CallOptions } from './call-options.ts';
export type { Example, ExampleTable } from './example.ts';
export type { Answer, Arguments, Item, Method, NoArguments, PagedMethod } from './method.ts';
export type { Operation, OperationTable, PageRule } from './operation.ts';
