import { temporal } from '@temporalio/proto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import * as messages from './messages.ts';
import { Fields } from './wire.ts';

const { workflowservice, enums } = temporal.api;
const api = workflowservice.v1;
const text = fc.string({ minLength: 1 });

it('each request is what Temporal’s own package encodes', () => {
  fc.assert(
    fc.property(text, text, text, fc.uint8Array({ minLength: 1 }), (namespace, id, name, token) => {
      expect({ ...api.ListWorkflowExecutionsRequest.decode(messages.listRequest(namespace, name, token)) }).toEqual({
        namespace,
        query: name,
        nextPageToken: Buffer.from(token),
      });
      const described = api.DescribeWorkflowExecutionRequest.decode(messages.describeRequest(namespace, id));
      expect([described.namespace, described.execution?.workflowId]).toEqual([namespace, id]);
      const asked = api.QueryWorkflowRequest.decode(messages.queryRequest(namespace, id, name));
      expect([asked.namespace, asked.execution?.workflowId, asked.query?.queryType]).toEqual([namespace, id, name]);
      expect(api.DescribeNamespaceRequest.decode(messages.namespaceRequest(namespace)).namespace).toBe(namespace);
    }),
  );
});

const payload = fc.record({
  metadata: fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array(), { noNullPrototype: true }),
  data: fc.uint8Array({ minLength: 1 }),
});
const time = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const timestamp = (date: Date) => ({
  seconds: Math.floor(date.getTime() / 1000),
  nanos: (date.getTime() % 1000) * 1_000_000,
});
const execution = fc.record({
  workflowId: text,
  runId: text,
  type: text,
  startTime: time,
  closeTime: fc.option(time, { nil: undefined }),
  status: fc.integer({ min: 1, max: messages.statusNames.length - 1 }),
  memo: fc.dictionary(text, payload, { noNullPrototype: true }),
});
type Execution = typeof execution extends fc.Arbitrary<infer T> ? T : never;

function sent({ workflowId, runId, type, startTime, closeTime, status, memo }: Execution) {
  return {
    execution: { workflowId, runId },
    type: { name: type },
    startTime: timestamp(startTime),
    closeTime: closeTime && timestamp(closeTime),
    status,
    memo: { fields: memo },
    // A number of 64 bits, and a message that is not read.
    historyLength: 3,
    searchAttributes: { indexedFields: memo },
  };
}

interface MessageType<T> {
  fromObject(object: Readonly<Record<string, unknown>>): T;
  encode(message: T): { finish(): Uint8Array };
}

function encode<T>(type: MessageType<T>, object: Readonly<Record<string, unknown>>): Uint8Array {
  return type.encode(type.fromObject(object)).finish();
}

/** Compares bytes by value: one side has buffers. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part) => (part?.type === 'Buffer' ? { ...Uint8Array.from(part.data) } : part)),
  );
}

it('a list that Temporal’s own package encoded is read completely', () => {
  fc.assert(
    fc.property(fc.array(execution), fc.uint8Array(), (executions, nextPageToken) => {
      const bytes = encode(api.ListWorkflowExecutionsResponse, { executions: executions.map(sent), nextPageToken });
      const list = messages.listResponse(new Fields(bytes));
      expect(plain(list.executions)).toEqual(plain(executions));
      expect(list.nextPageToken?.length).toBe(nextPageToken.length || undefined);
    }),
  );
});

it('a description, the result of a query, and a namespace that Temporal’s own package encoded are read', () => {
  fc.assert(
    fc.property(execution, fc.array(payload), text, (workflow, payloads, id) => {
      const description = {
        workflowExecutionInfo: sent(workflow),
        pendingActivities: [{ activityId: id, heartbeatDetails: { payloads }, attempt: 3 }, {}],
      };
      const described = messages.describeResponse(
        new Fields(encode(api.DescribeWorkflowExecutionResponse, description)),
      );
      expect(plain(described)).toEqual(
        plain({ execution: workflow, pendingActivities: [{ heartbeatDetails: { payloads } }, {}] }),
      );
      const answer = encode(api.QueryWorkflowResponse, { queryResult: { payloads } });
      expect(plain(messages.queryResponse(new Fields(answer)))).toEqual(plain({ payloads }));
      const namespace = encode(api.DescribeNamespaceResponse, { namespaceInfo: { id, name: 'other' } });
      expect(messages.namespaceResponse(new Fields(namespace))).toEqual({ namespaceInfo: { id } });
    }),
  );
});

it('the names of the statuses are those of Temporal, in their order', () => {
  const names = Object.entries(enums.v1.WorkflowExecutionStatus).flatMap(([name, value]) =>
    typeof value === 'number' ? [[value, name.replace('WORKFLOW_EXECUTION_STATUS_', '')]] : [],
  );
  const ours = messages.statusNames.map((name, index) => [index, name === 'CANCELLED' ? 'CANCELED' : name]);
  expect(ours).toEqual(names);
});
