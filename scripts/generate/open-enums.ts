import { GenerationError } from './generation-error.ts';
import { pointerTo, type Schema } from './openapi.ts';
import { schemasOf } from './walk.ts';

/** The extension in which the client view keeps the known values of an open enum. */
export const knownValues = 'x-known-values';

/**
 * Returns a schema marked `x-open-enum: true`, which is `anyOf: [{ enum }, { type: string }]`, as one string schema that has the known values
 * as an extension. Returns any other schema as it is.
 * @param place of the schema, for messages
 */
export function foldedEnum(schema: Schema, place: string): Schema {
  if (schema['x-open-enum'] !== true) return schema;
  const { anyOf: branches = [], ...rest } = schema;
  const values = branches.flatMap((branch) => branch.enum ?? []);
  const types = branches.flatMap((branch) => branch.type ?? []);
  const open = branches.some((branch) => branch.enum === undefined && [branch.type].flat().includes('string'));
  if (!open || values.length === 0 || !types.every((type) => type === 'string' || type === 'null')) {
    throw new GenerationError(
      `${place} is marked x-open-enum. Declare it as anyOf: [{ type: string, enum: […] }, { type: string }].`,
    );
  }
  const nullable = types.includes('null') || [schema.type].flat().includes('null');
  const known = values.filter((value) => value !== null);
  return { ...rest, type: nullable ? ['string', 'null'] : 'string', [knownValues]: known };
}

/**
 * Replaces every open enum by its {@link foldedEnum}. openapi-typescript calls its `transform` hook only for schemas with a `type`, and an
 * editor would show the `anyOf` as plain `string`.
 */
export function foldOpenEnums(document: object): void {
  for (const { value, path } of schemasOf(document)) {
    const folded = foldedEnum(value, pointerTo(path));
    if (folded === value) continue;
    delete value.anyOf;
    Object.assign(value, folded);
  }
}
