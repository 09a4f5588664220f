/**
 * The requests and responses of Temporal's API that {@link FastReader} uses, with only the fields that it reads. The numbers of the fields are
 * those of https://github.com/temporalio/api; a test compares each message with what Temporal's own package encodes.
 */
import type { Payload } from '@temporalio/common';
import { encodeMessage, type Fields } from './wire.ts';

/** `temporal.api.workflow.v1.WorkflowExecutionInfo` */
export interface ExecutionMessage {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly startTime: Date | undefined;
  readonly closeTime: Date | undefined;
  /** Index in {@link statusNames}. */
  readonly status: number;
  readonly memo: Readonly<Record<string, Payload>>;
}

/** Temporal's client has the same names for `temporal.api.enums.v1.WorkflowExecutionStatus`. */
export const statusNames = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
] as const;

export function listRequest(namespace: string, query: string, nextPageToken?: Uint8Array): Uint8Array {
  return encodeMessage([1, namespace], [3, nextPageToken], [4, query]);
}

export function listResponse(fields: Fields) {
  const token = fields.bytes(2);
  return { executions: fields.messages(1, executionOf), nextPageToken: token?.length ? token : undefined };
}

export function describeRequest(namespace: string, workflowId: string): Uint8Array {
  return encodeMessage([1, namespace], [2, encodeMessage([1, workflowId])]);
}

export function describeResponse(fields: Fields) {
  return {
    execution: fields.message(2, executionOf),
    pendingActivities: fields.messages(3, (activity) => ({ heartbeatDetails: activity.message(4, payloadsOf) })),
  };
}

export function queryRequest(namespace: string, workflowId: string, queryType: string): Uint8Array {
  return encodeMessage([1, namespace], [2, encodeMessage([1, workflowId])], [3, encodeMessage([1, queryType])]);
}

export function queryResponse(fields: Fields) {
  return fields.message(1, payloadsOf);
}

export function namespaceRequest(namespace: string): Uint8Array {
  return encodeMessage([1, namespace]);
}

export function namespaceResponse(fields: Fields) {
  return { namespaceInfo: fields.message(1, (info) => ({ id: info.text(6) })) };
}

function executionOf(fields: Fields): ExecutionMessage {
  return {
    workflowId: fields.message(1, (execution) => execution.text(1)) ?? '',
    runId: fields.message(1, (execution) => execution.text(2)) ?? '',
    type: fields.message(2, (type) => type.text(1)) ?? '',
    startTime: fields.message(3, dateOf),
    closeTime: fields.message(4, dateOf),
    status: fields.integer(5),
    memo: fields.message(10, (memo) => memo.map(1, payloadEntry)) ?? {},
  };
}

function dateOf(timestamp: Fields): Date {
  return new Date(timestamp.integer(1) * 1000 + Math.floor(timestamp.integer(2) / 1_000_000));
}

function payloadsOf(fields: Fields) {
  return { payloads: fields.messages(1, payloadOf) };
}

function payloadEntry(entry: Fields): Payload {
  return entry.message(2, payloadOf) ?? {};
}

/** `temporal.api.common.v1.Payload` without the references to external storage, which gpu-clouds does not use. */
export function payloadOf(fields: Fields): Payload {
  return { metadata: fields.map(1, (entry) => entry.bytes(2) ?? new Uint8Array()), data: fields.bytes(2) ?? null };
}
