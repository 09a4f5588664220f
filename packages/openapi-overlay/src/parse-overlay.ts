import { readSource, type Source } from './document.ts';
import { brief, deepEqual, isObject, type JsonObject, type JsonValue, property } from './json.ts';
import { type Location, parseQuery, valueAt } from './json-path.ts';
import type { SpecificationVersion } from './merge.ts';
import type { Action, Grade, Modifier, Overlay } from './overlay.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';

/**
 * Reads an overlay in YAML or JSON and checks it against the Overlay specification, version 1.0 or 1.1, as it declares.
 *
 * @param file names the overlay in messages; nothing is read from it.
 * @throws {OverlayError} listing every problem with its line and column.
 */
export function parseOverlay(text: string, file: string): Overlay {
  const source = readSource(text, file);
  const reader = new Reader(source, file);
  const overlay = reader.overlay();
  if (reader.problems.length > 0) throw new OverlayError(reader.problems);
  return overlay;
}

/** Field names by the version that brought them in. Everywhere names that begin with `x-` are allowed too. */
interface Fields {
  readonly since10: readonly string[];
  readonly since11: readonly string[];
}

const overlayFields: Fields = { since10: ['overlay', 'info', 'extends', 'actions'], since11: [] };
const infoFields: Fields = { since10: ['title', 'version'], since11: ['description'] };
const actionFields: Fields = { since10: ['target', 'description', 'update', 'remove'], since11: ['copy'] };

const supported = /^1\.([01])\.\d+$/;

class Reader {
  readonly problems: OverlayProblem[] = [];
  readonly #source: Source;
  readonly #file: string;

  constructor(source: Source, file: string) {
    this.#source = source;
    this.#file = file;
  }

  overlay(): Overlay {
    const root = this.#source.value;
    if (!isObject(root)) {
      this.#report([], 'an overlay is an object with "overlay", "info" and "actions"');
      throw new OverlayError(this.problems);
    }
    const version = this.#version(root);
    this.#onlyFields(root, [], version, overlayFields);
    return {
      file: this.#file,
      version,
      info: this.#info(root, version),
      ...optional('extends', this.#text(root, [], 'extends')),
      actions: this.#actions(root, version),
    };
  }

  #version(root: JsonObject): SpecificationVersion {
    const declared = this.#requiredText(root, [], 'overlay');
    const minor = supported.exec(declared)?.[1];
    if (minor === undefined && typeof root.overlay === 'string') {
      this.#report(['overlay'], `"overlay" is ${brief(declared)}; supported are 1.0.x and 1.1.x, for instance 1.1.0`);
    }
    return minor === '0' ? '1.0' : '1.1';
  }

  #info(root: JsonObject, version: SpecificationVersion): Overlay['info'] {
    const info = property(root, 'info');
    if (!isObject(info)) {
      this.#report(['info'], info === undefined ? '"info" is missing' : '"info" must be an object');
      return { title: '', version: '' };
    }
    this.#onlyFields(info, ['info'], version, infoFields);
    return {
      title: this.#requiredText(info, ['info'], 'title'),
      version: this.#requiredText(info, ['info'], 'version'),
      ...optional('description', this.#text(info, ['info'], 'description')),
    };
  }

  #actions(root: JsonObject, version: SpecificationVersion): Action[] {
    const actions = property(root, 'actions');
    if (!Array.isArray(actions) || actions.length === 0) {
      this.#report(['actions'], '"actions" must be a list of at least one action');
      return [];
    }
    return actions.flatMap((action, index) => {
      const twin = actions.findIndex((other) => deepEqual(other, action));
      if (twin < index) this.#report(['actions', index], `the same as actions[${twin}]`);
      if (isObject(action)) return [this.#action(action, index, version)];
      this.#report(['actions', index], 'an action must be an object with "target"');
      return [];
    });
  }

  #action(action: JsonObject, index: number, version: SpecificationVersion): Action {
    const at = ['actions', index];
    this.#onlyFields(action, at, version, actionFields);
    const target = this.#requiredText(action, at, 'target');
    if (typeof action.target === 'string') this.#query(target, [...at, 'target']);
    return {
      index,
      target,
      modifier: this.#modifier(action, at, version),
      withoutImpact: withoutImpact(action),
      ...optional('description', this.#text(action, at, 'description')),
      ...optional('reason', this.#filledText(action, at, 'x-reason')),
      ...optional('evidence', this.#filledText(action, at, 'x-evidence')),
      ...optional('grade', this.#grade(action, at)),
      expectedMatches: this.#matches(action, at),
      ...this.#source.positionOf([...at, 'target']),
    };
  }

  #modifier(action: JsonObject, at: Location, version: SpecificationVersion): Modifier {
    const remove = property(action, 'remove');
    if (remove !== undefined && typeof remove !== 'boolean') {
      this.#report([...at, 'remove'], `"remove" must be true or false`);
    }
    const from = this.#text(action, at, 'copy');
    if (from !== undefined && version === '1.1') this.#query(from, [...at, 'copy']);
    const value = property(action, 'update');
    if (remove === true) return { kind: 'remove' };
    // By the standard update has no impact beside copy, nor copy beside update.
    if (value !== undefined && from !== undefined) return { kind: 'none' };
    if (value !== undefined) return { kind: 'update', value };
    return from === undefined ? { kind: 'none' } : { kind: 'copy', from };
  }

  #matches(action: JsonObject, at: Location): number {
    const matches = property(action, 'x-matches');
    if (matches === undefined) return 1;
    if (typeof matches === 'number' && Number.isInteger(matches) && matches >= 1) return matches;
    this.#report([...at, 'x-matches'], `"x-matches" must be a whole number of at least 1, not ${brief(matches)}`);
    return 1;
  }

  #grade(action: JsonObject, at: Location): Grade | undefined {
    const grade = property(action, 'x-grade');
    if (grade === undefined || grade === 'A' || grade === 'B' || grade === 'C' || grade === 'S') return grade;
    this.#report([...at, 'x-grade'], `"x-grade" must be A, B, C or S, not ${brief(grade)}`);
    return undefined;
  }

  #query(text: string, at: Location): void {
    try {
      parseQuery(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#report(at, `"${at.at(-1)}" is not an RFC 9535 query: ${why}`);
    }
  }

  #text(object: JsonObject, at: Location, name: string): string | undefined {
    const value = property(object, name);
    if (value === undefined || typeof value === 'string') return value;
    this.#report([...at, name], `"${name}" must be a text: put ${brief(value)} in quotes`);
    return undefined;
  }

  #requiredText(object: JsonObject, at: Location, name: string): string {
    if (!Object.hasOwn(object, name)) this.#report(at, `"${name}" is missing`);
    return this.#text(object, at, name) ?? '';
  }

  /** A text that says something: an empty reason is none. */
  #filledText(object: JsonObject, at: Location, name: string): string | undefined {
    const text = this.#text(object, at, name);
    if (text?.trim() === '') this.#report([...at, name], `"${name}" is empty`);
    return text;
  }

  #onlyFields(object: JsonObject, at: Location, version: SpecificationVersion, fields: Fields): void {
    const known = version === '1.0' ? fields.since10 : [...fields.since10, ...fields.since11];
    for (const name of Object.keys(object)) {
      if (known.includes(name) || name.startsWith('x-')) continue;
      const hint = fields.since11.includes(name)
        ? 'is a field since Overlay 1.1: declare "overlay: 1.1.0"'
        : `is not a field here; known are ${known.join(', ')} and names that begin with x-`;
      this.#report([...at, name], `"${name}" ${hint}`);
    }
  }

  #report(at: Location, message: string): void {
    const place = { file: this.#file, ...this.#source.positionOf(at) };
    this.problems.push({ kind: 'invalid', ...place, ...actionAt(this.#source.value, at), message });
  }
}

/** By the standard, remove makes update and copy idle, and those two each other. */
function withoutImpact(action: JsonObject): string[] {
  const present = ['update', 'copy'].filter((name) => Object.hasOwn(action, name));
  return property(action, 'remove') === true || present.length === 2 ? present : [];
}

/** What a problem at this location says of the action it is in. */
function actionAt(root: JsonValue, at: Location): Pick<OverlayProblem, 'index' | 'target' | 'reason'> {
  const [field, index] = at;
  if (field !== 'actions' || typeof index !== 'number') return {};
  const action = valueAt(root, [field, index]);
  const text = (name: string) => {
    const value = isObject(action) ? property(action, name) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { index, ...optional('target', text('target')), ...optional('reason', text('x-reason')) };
}

/** An object with the property, or without it when there is no value. */
function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  const result: { [key in Name]?: Value } = {};
  if (value !== undefined) result[name] = value;
  return result;
}
