/** An operation that the vendor's own clients call and the document does not have. */
export interface Addition<Id extends string = string> {
  readonly id: Id;
  /** HTTP method, or `ALL` for any. */
  readonly method: string;
  readonly path: string;
  /** Reads a request body. */
  readonly hasBody?: true;
  /** Who calls it. */
  readonly source: string;
}
