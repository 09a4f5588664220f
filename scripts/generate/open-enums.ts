import { GenerationError } from './generation-error.ts';
import { pointerTo, type Schema } from './openapi.ts';
import { schemasOf } from './walk.ts';

/** Extension under which the client view keeps the known values of an open enum. */
export const knownValues = 'x-known-values';

/**
 * Rewrites every schema marked `x-open-enum: true`, which the document spells `anyOf: [{ enum }, { type: string }]`,
 * as one string schema with its known values aside: openapi-typescript offers its `transform` hook only schemas that
 * have a `type`, and would print the `anyOf` as plain `string` in an editor.
 */
export function foldOpenEnums(document: object): void {
  for (const { value, path } of schemasOf(document)) {
    if (value['x-open-enum'] === true) fold(value, pointerTo(path));
  }
}

function fold(schema: Schema, pointer: string): void {
  const branches = schema.anyOf ?? [];
  const values = branches.flatMap((branch) => branch.enum ?? []);
  const types = branches.flatMap((branch) => branch.type ?? []);
  const open = branches.some((branch) => branch.enum === undefined && [branch.type].flat().includes('string'));
  if (!open || values.length === 0 || !types.every((type) => type === 'string' || type === 'null')) {
    throw new GenerationError(
      `${pointer} is marked x-open-enum, so it has to be anyOf: [{ type: string, enum: […] }, { type: string }].`,
    );
  }
  const nullable = types.includes('null') || [schema.type].flat().includes('null');
  delete schema.anyOf;
  schema.type = nullable ? ['string', 'null'] : 'string';
  schema[knownValues] = values.filter((value) => value !== null);
}
