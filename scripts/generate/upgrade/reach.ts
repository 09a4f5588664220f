import type { Place } from './place.ts';
import { isFields } from './place.ts';

/** Which way a value travels, and the operations that carry it. */
export interface Reach {
  readonly sent: boolean;
  readonly received: boolean;
  /** `get /machines`, in the document's order. */
  readonly operations: readonly string[];
}

type Way = 'sent' | 'received';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

export interface Reaches {
  /** By `components.schemas.Machine`: how the operations reach the component, also through other components. */
  readonly components: ReadonlyMap<string, Reach>;
  /** By path: its operations. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
}

/** Returns which operations of a document reach what. */
export function reachesOf(document: unknown): Reaches {
  const paths = new Map<string, string[]>();
  const found = new Map<string, { sent: boolean; received: boolean; operations: Set<string> }>();
  const visit = (node: unknown, operation: string, way: Way | undefined, seen: Set<string>): void => {
    for (const [key, reference] of referencesIn(node, way)) {
      if (seen.has(`${key} ${reference}`)) continue;
      seen.add(`${key} ${reference}`);
      const target = componentOf(reference);
      if (target === undefined) continue;
      const name = target.join('.');
      const entry = found.get(name) ?? { sent: false, received: false, operations: new Set<string>() };
      if (key !== 'either') entry[key] = true;
      entry.operations.add(operation);
      found.set(name, entry);
      visit(target.reduce(memberOf, document), operation, key === 'either' ? undefined : key, seen);
    }
  };
  for (const [path, item] of Object.entries(fieldsOf(fieldsOf(document).paths))) {
    const { node, reference } = pathItemOf(document, item);
    for (const method of methods) {
      const operation = fieldsOf(node)[method];
      if (operation === undefined) continue;
      const label = `${method} ${path}`;
      paths.set(path, [...(paths.get(path) ?? []), label]);
      const seen = new Set<string>();
      visit({ parameters: fieldsOf(node).parameters, ...fieldsOf(operation) }, label, undefined, seen);
      if (reference !== undefined) visit({ $ref: reference }, label, undefined, seen);
    }
  }
  const components = new Map(
    [...found].map(([name, entry]) => [name, { ...entry, operations: [...entry.operations] }]),
  );
  return { components, paths };
}

/** Returns the path item, or the component that it refers to. */
function pathItemOf(document: unknown, item: unknown): { node: unknown; reference?: string } {
  const { $ref: reference } = fieldsOf(item);
  const target = typeof reference === 'string' ? componentOf(reference) : undefined;
  if (typeof reference !== 'string' || target === undefined) return { node: item };
  return { node: target.reduce(memberOf, document), reference };
}

/** Yields every reference at or below a node, with its way: `parameters` and `requestBody` are sent, `responses` received. */
function* referencesIn(node: unknown, way: Way | undefined): Generator<readonly [Way | 'either', string]> {
  if (Array.isArray(node)) for (const item of node) yield* referencesIn(item, way);
  if (!isFields(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') yield [way ?? 'either', value];
    else yield* referencesIn(value, way ?? wayOf(key));
  }
}

function wayOf(key: string): Way | undefined {
  if (key === 'parameters' || key === 'requestBody') return 'sent';
  return key === 'responses' ? 'received' : undefined;
}

/** Returns the place of a component, `['components', 'schemas', 'Machine']`, or undefined for another reference. */
function componentOf(reference: string): Place | undefined {
  const [, kind, name] = /^#\/components\/([^/]+)\/([^/]+)/.exec(reference) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return ['components', kind, decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')];
}

function memberOf(parent: unknown, name: string): unknown {
  return fieldsOf(parent)[name];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}

const onlySent = new Set(['parameters', 'requestBodies']);
const onlyReceived = new Set(['responses', 'headers']);

/** Returns how the operations reach a place. What no operation reaches counts as sent and received. */
export function reachOf(place: Place, { components, paths }: Reaches): Reach {
  const [first, second = '', third, ...rest] = place;
  if (first === 'paths') {
    const isOperation = methods.some((method) => method === third);
    return {
      ...wayAlong(place.slice(2)),
      operations: isOperation ? [`${third} ${second}`] : (paths.get(second) ?? []),
    };
  }
  if (first !== 'components') return { sent: true, received: true, operations: [] };
  const reach = components.get(place.slice(0, 3).join('.'));
  const operations = reach?.operations ?? [];
  if (onlySent.has(second)) return { sent: true, received: false, operations };
  if (onlyReceived.has(second)) return { sent: false, received: true, operations };
  if (second === 'pathItems') return { ...wayAlong(rest), operations };
  return reach && (reach.sent || reach.received) ? reach : { sent: true, received: true, operations };
}

function wayAlong(names: Place): { sent: boolean; received: boolean } {
  const way = names.map(wayOf).find((found) => found !== undefined);
  return { sent: way !== 'received', received: way !== 'sent' };
}
