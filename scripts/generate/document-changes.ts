import { isDeepStrictEqual } from 'node:util';
import { type Document, methods, type OperationObject } from './openapi.ts';

export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Each with the places that differ. */
  readonly changed: readonly string[];
}

/** Returns the differences between two patched documents that a user of the client notices. */
export function documentChanges(before: Document, after: Document): { operations: Changes; schemas: Changes } {
  return {
    operations: changesBetween(operationsOf(before), operationsOf(after)),
    schemas: changesBetween(before.components?.schemas ?? {}, after.components?.schemas ?? {}),
  };
}

/** Returns the operations by method and path, because an added operation may have no operationId yet. */
function operationsOf(document: Document): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document.paths).flatMap(([path, { parameters, ...item }]) =>
      methods
        .filter((method) => item[method])
        .map((method) => [
          `${method.toUpperCase()} ${path}`,
          { ...(item[method] as OperationObject), ...(parameters && { 'parameters of the path': parameters }) },
        ]),
    ),
  );
}

function changesBetween(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Changes {
  const changed = Object.keys(after).filter(
    (name) => Object.hasOwn(before, name) && !isDeepStrictEqual(before[name], after[name]),
  );
  return {
    added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    changed: changed.map((name) => `${name}: ${abridged(differences(before[name], after[name]))}`),
  };
}

function abridged(places: readonly string[]): string {
  const shown = places.slice(0, 4).join(', ');
  return places.length > 4 ? `${shown} and ${places.length - 4} more` : shown;
}

/** Paths of the outermost values that differ, such as `properties.status.enum`. */
function differences(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [path || 'everything'];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
