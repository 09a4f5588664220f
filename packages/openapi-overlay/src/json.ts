import { ExactNumber, sameNumber, textOf } from './exact-number.ts';

/** A JSON value of JavaScript's own types. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A JSON value whose numbers keep their text where a JavaScript number would not. */
export type Value = null | boolean | number | string | ExactNumber | Value[] | ValueObject;
/** An object of {@link Value}s. */
export interface ValueObject {
  [key: string]: Value;
}

/** The three kinds that the Overlay specification's merge rules distinguish. `null` is a primitive. */
export type Kind = 'object' | 'array' | 'primitive';

export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

function isNumber(value: Value): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

export function kindOf(value: Value): Kind {
  if (Array.isArray(value)) return 'array';
  return isObject(value) ? 'object' : 'primitive';
}

const described = { object: 'an object', array: 'an array' };

/** Describes a value in a message: the kind, and the value itself if it is a primitive (`the string "read"`). */
export function describeKind(value: Value): string {
  const kind = kindOf(value);
  if (kind !== 'primitive') return described[kind];
  if (value === null) return 'null';
  return `the ${isNumber(value) ? 'number' : typeof value} ${brief(value)}`;
}

/** Returns the value on one line, cut after 60 characters. */
export function brief(value: Value): string {
  const text = value instanceof ExactNumber ? value.text : JSON.stringify(plainOf(value));
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** Returns an own property. A name such as `constructor` is never looked up in the prototype. */
export function property<Item>(object: { readonly [key: string]: Item }, key: string): Item | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** True if both are the same JSON value: the order of keys and the notation of numbers make no difference. */
export function deepEqual(left: Value, right: Value): boolean {
  return equal(left, right, sameNumber);
}

/** True if both are the same JSON value with the same notation of numbers: `1.0` is not `1`. */
export function sameText(left: Value, right: Value): boolean {
  return equal(left, right, (one, other) => textOf(one) === textOf(other));
}

type NumberTest = (left: number | ExactNumber, right: number | ExactNumber) => boolean;

function equal(left: Value, right: Value, numbers: NumberTest): boolean {
  if (left === right) return true;
  if (isNumber(left)) return isNumber(right) && numbers(left, right);
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => {
        const other = right[index];
        return other !== undefined && equal(item, other, numbers);
      })
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const entries = Object.entries(left);
  if (entries.length !== Object.keys(right).length) return false;
  return entries.every(([key, item]) => {
    const other = property(right, key);
    return other !== undefined && equal(item, other, numbers);
  });
}

/** Returns a copy that shares nothing with the original, and no part of itself with another part. */
export function toJson(value: Value, inexact: (value: ExactNumber) => JsonValue): JsonValue {
  if (value instanceof ExactNumber) return value.fits ? value.nearest : inexact(value);
  if (Array.isArray(value)) return value.map((item) => toJson(item, inexact));
  return isObject(value) ? mapObject(value, (item) => toJson(item, inexact)) : value;
}

const plain = new WeakMap<object, JsonValue>();

/** Returns the value with the nearest JavaScript numbers, for queries. Unchanged parts are converted once. */
export function plainOf(value: Value): JsonValue {
  if (value instanceof ExactNumber) return value.nearest;
  if (typeof value !== 'object' || value === null) return value;
  const known = plain.get(value);
  if (known !== undefined) return known;
  const converted = Array.isArray(value) ? value.map(plainOf) : mapObject(value, plainOf);
  plain.set(value, converted);
  return converted;
}

/** `fromEntries` defines own properties, so a key named `__proto__` stays a key. */
function mapObject<Item>(object: ValueObject, convert: (value: Value) => Item): { [key: string]: Item } {
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, convert(item)]));
}
