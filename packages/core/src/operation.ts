/**
 * One row of the generated operation table: what the runtime must know of an operation to call it.
 * What the compiler must know is in the generated `operations` types.
 */
export interface Operation {
  /** HTTP method. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path template as in the document, for instance `/v1/instances/{instance_id}`. */
  readonly path: string;
  /** Media type of the request body; absent when the operation takes none. */
  readonly body?: 'application/json' | 'application/x-www-form-urlencoded';
  /** Names of the document's security schemes that the operation asks for; empty for a public operation. */
  readonly security: readonly string[];
  /** True when sending the request twice has the effect of sending it once (by method, or by the vendor's word). */
  readonly repeatable: boolean;
  /** True when the document declares an `Idempotency-Key` header. The transport then always sends one. */
  readonly idempotencyKey?: true;
  /** How its pages are walked; absent when it has none. */
  readonly pages?: PageRule;
}

/** How an operation is paged. Declared once per vendor and verified against the patched document when generating. */
export type PageRule =
  | {
      readonly style: 'cursor';
      /** Query parameter that takes the cursor. */
      readonly cursor: string;
      /** Property of the answer that holds the next cursor; null or absent on the last page. */
      readonly next: string;
      /** Property of the answer that holds the items. */
      readonly items: string;
    }
  | {
      readonly style: 'page';
      /** Query parameter that takes the number of the page, from 1. */
      readonly page: string;
      /** Query parameter that takes how many items a page has at most. */
      readonly size: string;
      /** Response header with the number of items over all pages. The answer itself is the array of items. */
      readonly total: string;
    };

/** Operations by operationId. */
export type OperationTable = Readonly<Record<string, Operation>>;
