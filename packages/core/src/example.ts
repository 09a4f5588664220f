/** The default answer of one operation, from the examples of the vendor's document. */
export interface Example {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: unknown;
}

/** Default answers by operationId. */
export type ExampleTable = Readonly<Record<string, Example>>;
