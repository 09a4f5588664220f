/** What JSON can say. Documents, overlays and results are all of this type. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** An object of JSON. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** The three kinds that the Overlay specification's merge rules tell apart; `null` is a primitive. */
export type Kind = 'object' | 'array' | 'primitive';

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function kindOf(value: JsonValue): Kind {
  if (Array.isArray(value)) return 'array';
  return isObject(value) ? 'object' : 'primitive';
}

const described = { object: 'an object', array: 'an array' };

/** Names a value's kind for a message; a primitive is told by its value: `the string "read"`. */
export function describeKind(value: JsonValue): string {
  const kind = kindOf(value);
  if (kind !== 'primitive') return described[kind];
  return value === null ? 'null' : `the ${typeof value} ${brief(value)}`;
}

/** The value on one line, cut after 60 characters. */
export function brief(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** The value of an own property; a name such as `constructor` is never looked up in the prototype. */
export function property(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function deepEqual(left: JsonValue, right: JsonValue): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => {
        const other = right[index];
        return other !== undefined && deepEqual(item, other);
      })
    );
  }
  if (!isObject(left)) return left === right;
  if (!isObject(right)) return false;
  const entries = Object.entries(left);
  if (entries.length !== Object.keys(right).length) return false;
  return entries.every(([key, value]) => {
    const other = property(right, key);
    return other !== undefined && deepEqual(value, other);
  });
}

/** A copy that shares nothing with the original, nor any part of itself with another part. */
export function copyOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  // fromEntries defines own properties, so a key named __proto__ stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}
