/**
 * Where a value is in a document: the names that lead to it from the root. An item of an array is named by what identifies it,
 * in brackets, so that a place stays the same when other items come and go: `[cursor in query]`, `["running"]`, or `[0]`.
 */
export type Place = readonly string[];

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns what identifies each item, or undefined if an item has no identity or shares it with another. */
export function identities(items: readonly unknown[]): readonly string[] | undefined {
  const found = items.map(identity);
  const known = found.filter((label) => label !== undefined);
  return known.length === items.length && new Set(known).size === items.length ? known : undefined;
}

function identity(item: unknown): string | undefined {
  if (Array.isArray(item)) return undefined;
  if (!isFields(item)) return `[${String(JSON.stringify(item))}]`;
  const { $ref, name, in: where } = item;
  if (typeof $ref === 'string') return `[${$ref}]`;
  if (typeof name !== 'string') return undefined;
  return typeof where === 'string' ? `[${name} in ${where}]` : `[${name}]`;
}

/** Returns the names of an array's items: what identifies them, or else their positions. */
export function itemNames(items: readonly unknown[]): readonly string[] {
  return identities(items) ?? items.map((_, index) => `[${index}]`);
}

/** Returns the values from the root to the place, as far as the document has them. */
function valuesAlong(document: unknown, place: Place): unknown[] {
  const values = [document];
  for (const name of place) {
    const around = values.at(-1);
    if (Array.isArray(around)) {
      const index = itemNames(around).indexOf(name);
      if (index < 0) return values;
      values.push(around[index]);
    } else if (isFields(around) && Object.hasOwn(around, name)) values.push(around[name]);
    else return values;
  }
  return values;
}

/** Returns the value at a place, or undefined. */
export function valueAt(document: unknown, place: Place): unknown {
  const values = valuesAlong(document, place);
  return values.length > place.length ? values.at(-1) : undefined;
}

/** Returns how many names of the place lead to something in the document. */
export function depthAt(document: unknown, place: Place): number {
  return valuesAlong(document, place).length - 1;
}

/** Whether `outer` is `inner` or contains it. */
export function contains(outer: Place, inner: Place): boolean {
  return outer.length <= inner.length && outer.every((name, index) => name === inner[index]);
}

const methods = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

/** Returns the place as people read it: `GET /machines: parameters[cursor in query].schema.type`. */
export function formatPlace(place: Place): string {
  const [first, second, third, ...rest] = place;
  if (first === 'paths' && second?.startsWith('/')) {
    if (third === undefined) return second;
    if (methods.has(third)) return withRest(`${third.toUpperCase()} ${second}`, rest);
    return withRest(second, [third, ...rest]);
  }
  if (first === 'components' && second !== undefined && third !== undefined) {
    return withRest(`components.${second}.${third}`, rest);
  }
  return place.length === 0 ? 'the document' : joined(place);
}

function withRest(subject: string, rest: Place): string {
  return rest.length === 0 ? subject : `${subject}: ${joined(rest)}`;
}

function joined(names: Place): string {
  return names
    .map((name) => (name.startsWith('[') || /^[\w$-]+$/.test(name) ? name : `['${name}']`))
    .reduce((text, name) => (name.startsWith('[') ? `${text}${name}` : `${text}.${name}`));
}
