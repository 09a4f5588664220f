/** A row of the generated operation table: what the client needs to know to call an operation. */
export interface Operation {
  /** HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path template from the document, such as `/v1/instances/{instance_id}`. */
  readonly path: string;
  /** Media type of the request body. Absent when the operation takes none. */
  readonly body?: 'application/json' | 'application/x-www-form-urlencoded';
  /** Names of the security schemes that the operation requires. Empty for a public operation. */
  readonly security: readonly string[];
  /** True when sending the request twice has the same effect as once (by its method, or by the vendor's documentation). */
  readonly repeatable: boolean;
  /** True for an operation that changes nothing at the vendor although it is not a GET. */
  readonly readOnly?: true;
  /** True when the document declares an `Idempotency-Key` header. The client then always sends one. */
  readonly idempotencyKey?: true;
  /** How to fetch all pages. Absent when the operation has no pages. */
  readonly pages?: PageRule;
}

/** How an operation is paged. Declared once per vendor, and verified against the patched document during generation. */
export type PageRule =
  | {
      readonly style: 'cursor';
      /** Query parameter for the cursor. */
      readonly cursor: string;
      /** Property of the answer with the next cursor. It is null or absent on the last page. */
      readonly next: string;
      /** Property of the answer with the items. */
      readonly items: string;
    }
  | {
      readonly style: 'page';
      /** Query parameter for the page number, from 1. */
      readonly page: string;
      /** Query parameter for the maximum number of items on a page. */
      readonly size: string;
      /** Response header with the number of items on all pages. The answer itself is the array of items. */
      readonly total: string;
    };

/** Operations, by operationId. */
export type OperationTable = Readonly<Record<string, Operation>>;
