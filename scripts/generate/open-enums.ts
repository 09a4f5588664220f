import { GenerationError } from './generation-error.ts';
import { pointerTo, type Schema } from './openapi.ts';
import { schemasOf } from './walk.ts';

/** The extension in which the client view keeps the known values of an open enum. */
export const knownValues = 'x-known-values';

/**
 * Replaces every schema marked `x-open-enum: true`, which is `anyOf: [{ enum }, { type: string }]`, with one string
 * schema that has the known values as an extension. openapi-typescript calls its `transform` hook only for schemas with
 * a `type`, and an editor would show the `anyOf` as plain `string`.
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
      `${pointer} is marked x-open-enum. Declare it as anyOf: [{ type: string, enum: […] }, { type: string }].`,
    );
  }
  const nullable = types.includes('null') || [schema.type].flat().includes('null');
  delete schema.anyOf;
  schema.type = nullable ? ['string', 'null'] : 'string';
  schema[knownValues] = values.filter((value) => value !== null);
}
