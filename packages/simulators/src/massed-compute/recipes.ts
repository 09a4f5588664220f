import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import type { Handlers } from '../vendor-app.ts';
import { errorResponse } from './errors.ts';

const recipe = {
  slug: 'install-docker',
  title: 'Install Docker',
  description: 'Install Docker on an Ubuntu VM',
  tags: ['docker'],
};

/** Creates the handlers for recipes. The vendor's tool names the properties of a recipe. What they are wrapped in is a guess. */
export function recipeHandlers(): Handlers<OperationIds['massed-compute']> {
  const text = JSON.stringify(recipe).toLowerCase();
  return {
    listRecipes: () => ok({ recipes: [recipe] }),
    searchRecipes: ({ query }) =>
      ok({ recipes: text.includes((query.get('query') ?? '').toLowerCase()) ? [recipe] : [] }),
    getRecipe: ({ id }) => {
      if (id !== recipe.slug) throw errorResponse(404, 'Recipe not found');
      return ok({ recipe: { ...recipe, body: '# Install Docker\n' } });
    },
  };
}
