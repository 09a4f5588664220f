import type { Payload, PayloadCodec } from '@temporalio/common';

/** A workflow, as a list has it. */
export interface WorkflowInfo {
  /** Id of the workflow. */
  readonly workflowId: string;
  /** Id of this execution of the workflow. */
  readonly runId: string;
  /** Name of the workflow's type. */
  readonly type: string;
  /** Whether it runs, or how it ended. */
  readonly status: {
    /** Temporal's name of the status, such as `RUNNING`. */
    readonly name: string;
  };
  /** When it started. */
  readonly startTime: Date;
  /** When it ended. Absent while it runs. */
  readonly closeTime?: Date | undefined;
  /** Its memo, decoded. */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
}

/** A workflow, as a description of it has it. */
export interface WorkflowDescription extends WorkflowInfo {
  /** Parts of Temporal's response. */
  readonly raw: {
    /** The activities that have not ended. */
    readonly pendingActivities?:
      | readonly { readonly heartbeatDetails?: { readonly payloads?: Payload[] | null } | null | undefined }[]
      | null;
  };
}

/** What is read of one workflow. Each call fails with an error named `WorkflowNotFoundError` if there is no such workflow. */
export interface WorkflowReader {
  /** Describes the newest execution. */
  describe(): Promise<WorkflowDescription>;
  /** Queries the newest execution, which needs a worker. */
  query<T>(name: string): Promise<T>;
  /** Returns the result once the workflow has ended. Only Temporal's client can. */
  result<T>(): Promise<T>;
}

/** What lists, states of runs, and budgets need of Temporal. Temporal's `Client` has all of it, and so has the reader of `fastRead`. */
export interface TemporalReader {
  /** Settings of the reader. */
  readonly options: {
    /** Name of the namespace. */
    readonly namespace: string;
    /** Decodes what workflows store. */
    readonly loadedDataConverter: {
      /** Decrypt payloads. The last one is undone first. */
      readonly payloadCodecs: readonly PayloadCodec[];
      /** Converts decrypted payloads. */
      readonly payloadConverter: {
        /** Returns the value of a payload. */
        fromPayload<T>(payload: Payload): T;
      };
    };
  };
  /** Reads workflows. */
  readonly workflow: {
    /** Yields the workflows that a query of Temporal finds, newest first. */
    list(options: { query: string }): AsyncIterable<WorkflowInfo>;
    /** Returns a reader of one workflow, which may not exist. */
    getHandle(workflowId: string): WorkflowReader;
  };
  /** Calls of Temporal's service. */
  readonly workflowService: {
    /** Describes a namespace. */
    describeNamespace(request: {
      namespace: string;
    }): Promise<{ readonly namespaceInfo?: { readonly id?: string | null | undefined } | null | undefined }>;
  };
  /** The connection to Temporal. */
  readonly connection: {
    /** Calls a function whose calls to Temporal fail after the deadline, in milliseconds since the epoch. */
    withDeadline<T>(deadline: number, call: () => Promise<T>): Promise<T>;
  };
}
