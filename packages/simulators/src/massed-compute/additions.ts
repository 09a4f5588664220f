import type { Addition } from '../addition.ts';

const mcp = 'massed-compute-mcp 1.0.3 (tools_spec.json)';

/** The vendor's setup recipes for agents. They are not part of its document. The names are ours. */
export const additions = [
  { id: 'listRecipes', method: 'GET', path: '/recipes', source: mcp },
  { id: 'searchRecipes', method: 'GET', path: '/recipes/search', source: mcp },
  { id: 'getRecipe', method: 'GET', path: '/recipes/{slug}', source: mcp },
] as const satisfies readonly Addition[];
