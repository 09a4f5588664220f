// openapi-typescript exports these modules without declarations. Its main module also loads a linter, which takes longer
// to load than the types take to generate.
declare module 'openapi-typescript/dist/transform/index.mjs' {
  import type { GlobalContext, OpenAPI3 } from 'openapi-typescript';
  import type ts from 'typescript';

  /** The linter's configuration is part of the context, but nothing reads it. */
  export default function transformSchema(document: OpenAPI3, context: Omit<GlobalContext, 'redoc'>): ts.Node[];
}

declare module 'openapi-typescript/dist/lib/ts.mjs' {
  export { astToString } from 'openapi-typescript';
}

declare module 'openapi-typescript/dist/lib/utils.mjs' {
  export { resolveRef, scanDiscriminators } from 'openapi-typescript';
}
