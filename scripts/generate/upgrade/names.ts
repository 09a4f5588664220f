import { walk } from '../walk.ts';
import { isFields, type Place } from './place.ts';
import type { Reach } from './reach.ts';

/** Returns the names that generated code has for a document: `listMachines()`, `listMachines(cursor)`, `Machine.status`. */
export function generatedNames(document: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { kind, value, path } of walk(document)) {
    const owner = ownerOf(document, path);
    if (owner === undefined) continue;
    const properties = path.filter((_, index) => path[index - 1] === 'properties');
    if (kind === 'operation') names.add(owner);
    else if (kind === 'parameter' && typeof value.name === 'string') names.add(owner.replace('()', `(${value.name})`));
    else if (kind === 'schema' && path.at(-2) === 'properties') names.add([owner, ...properties].join('.'));
    else if (path.length === 3) names.add(owner);
  }
  return names;
}

/** Returns the method or the component that a place belongs to. */
function ownerOf(document: unknown, path: Place): string | undefined {
  const [first, second, third] = path;
  if (first === 'components') return third;
  return first === 'paths' && second !== undefined && third !== undefined
    ? methodName(document, `${third} ${second}`)
    : undefined;
}

/** Returns `listMachines()` for `get /machines`, or undefined if the document has no such operation with a name. */
export function methodName(document: unknown, operation: string): string | undefined {
  const [method = '', ...path] = operation.split(' ');
  const found = [`paths`, path.join(' '), method, 'operationId'].reduce<unknown>(
    (parent, name) => (isFields(parent) ? parent[name] : undefined),
    document,
  );
  return typeof found === 'string' ? `${found}()` : undefined;
}

/** Returns the generated names whose types a change at `place` affects: its component, and the methods that carry it. */
export function affectedNames(place: Place, { operations }: Reach, documents: readonly unknown[]): string[] {
  const component = place[0] === 'components' && place[2] !== undefined ? [place[2]] : [];
  const called = operations.map(
    (operation) =>
      documents.map((document) => methodName(document, operation)).find((name) => name !== undefined) ?? operation,
  );
  return [...component, ...called];
}
