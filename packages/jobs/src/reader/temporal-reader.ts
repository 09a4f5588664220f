import type { Payload, PayloadCodec } from '@temporalio/common';

/** A workflow, as a list has it. */
export interface WorkflowInfo {
  readonly workflowId: string;
  readonly runId: string;
  /** Name of the workflow's type. */
  readonly type: string;
  readonly status: { readonly name: string };
  readonly startTime: Date;
  /** Absent while the workflow runs. */
  readonly closeTime?: Date | undefined;
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
}

/** A workflow, as a description of it has it. */
export interface WorkflowDescription extends WorkflowInfo {
  readonly raw: {
    readonly pendingActivities?:
      | readonly { readonly heartbeatDetails?: { readonly payloads?: Payload[] | null } | null | undefined }[]
      | null;
  };
}

/** What is read of one workflow. */
export interface WorkflowReader {
  describe(): Promise<WorkflowDescription>;
  query<T>(name: string): Promise<T>;
  /** Returns the result once the workflow has ended. Only Temporal's client can. */
  result<T>(): Promise<T>;
}

/**
 * What lists, states of runs, and budgets need of Temporal. Temporal's `Client` has all of it. {@link openFastReader} returns one that takes
 * a tenth of the time to load.
 */
export interface TemporalReader {
  readonly options: {
    readonly namespace: string;
    readonly loadedDataConverter: {
      readonly payloadCodecs: readonly PayloadCodec[];
      readonly payloadConverter: { fromPayload<T>(payload: Payload): T };
    };
  };
  readonly workflow: {
    list(options: { query: string }): AsyncIterable<WorkflowInfo>;
    getHandle(workflowId: string): WorkflowReader;
  };
  readonly workflowService: {
    describeNamespace(request: {
      namespace: string;
    }): Promise<{ readonly namespaceInfo?: { readonly id?: string | null | undefined } | null | undefined }>;
  };
  readonly connection: {
    /** Calls a function whose calls to Temporal fail after the deadline, in milliseconds since the epoch. */
    withDeadline<T>(deadline: number, call: () => Promise<T>): Promise<T>;
  };
}
