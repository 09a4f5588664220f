import type { z } from '@hono/zod-openapi';

/** The parameters of a route, as its schema returns them. */
export type Query<Route extends { readonly request: { readonly query: z.ZodType } }> = z.output<
  Route['request']['query']
>;
