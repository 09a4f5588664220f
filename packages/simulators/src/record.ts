/** A JSON object of unknown shape. The functions of this file read its properties. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

export function textOf(record: JsonRecord, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns a number, also from numeric text, because forms contain only text. */
export function numberOf(record: JsonRecord, name: string): number | undefined {
  const value = record[name];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined;
}

export function booleanOf(record: JsonRecord, name: string): boolean {
  return record[name] === true || record[name] === 'true';
}

/** Returns the strings of a property that holds one string or a list of strings. */
export function textsOf(record: JsonRecord, name: string): readonly string[] {
  const value = record[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function recordsOf(record: JsonRecord, name: string): readonly JsonRecord[] {
  const value = record[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
