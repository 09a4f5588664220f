/** What shows how an operation behaves, besides the vendor's document. */
export type Source =
  /** A tool of `pnpm vendors` that calls the operation and accepts the response. */
  | (typeof vendorTools)[number]
  /** Code of the vendor's that was read, but that no released tool runs. */
  | 'source'
  /** A response of the live API that someone recorded. */
  | 'recorded'
  /** Part of the response is a guess. */
  | 'guess';

/** The tools that `pnpm vendors` runs. */
export const vendorTools = [
  'verda-python',
  'verda-go',
  'dstack-verda',
  'skypilot-verda',
  'gpu-ai-python',
  'massed-compute-mcp',
  'tensordock-python',
] as const;

/** The sources of each operation of a vendor. Empty: the document only. */
export type Evidence<OperationId extends string> = Readonly<Record<OperationId, readonly Source[]>>;
