/** Returns a JSON value as a TypeScript expression on one line: `{ method: "GET", security: ["bearer"] }`. */
export function sourceLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sourceLiteral).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${propertyName(key)}: ${sourceLiteral(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Returns a property name as source code, quoted if needed. */
export function propertyName(key: string): string {
  // A bare or quoted `__proto__: …` in an object literal sets the prototype; only a computed key creates a property.
  if (key === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
