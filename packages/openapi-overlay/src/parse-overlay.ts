import { brief, deepEqual, isObject, property, type Value, type ValueObject } from './json.ts';
import { type Location, parseQuery, valueAt } from './json-path.ts';
import type { SpecificationVersion } from './merge.ts';
import type { Action, Grade, Modifier, Overlay } from './overlay.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';
import { readSource, type Source } from './source.ts';
import type { FileContent } from './utf8.ts';

/**
 * Reads an overlay in YAML or JSON and checks it against the Overlay specification version that it declares: 1.0, 1.1, or 1.2.
 *
 * @param content the file's text, or its bytes, which must be UTF-8
 * @param file name of the overlay in messages; nothing is read from it
 * @throws {OverlayError} with every problem by line and column
 */
export function parseOverlay(content: FileContent, file: string): Overlay {
  const reader = new Reader(readSource(content, file));
  const overlay = reader.overlay();
  if (reader.problems.length > 0) throw new OverlayError(reader.problems);
  return overlay;
}

/** The version of the specification that introduced each field. Names that begin with `x-` are allowed everywhere. */
type Fields = Readonly<Record<string, SpecificationVersion>>;

const overlayFields: Fields = {
  overlay: '1.0',
  $self: '1.2',
  info: '1.0',
  extends: '1.0',
  actions: '1.0',
  components: '1.2',
};
const infoFields: Fields = { title: '1.0', version: '1.0', description: '1.1' };
const sharedFields: Fields = { description: '1.0', update: '1.0', copy: '1.1', remove: '1.0' };
const actionFields: Fields = { target: '1.0', ...sharedFields };
const referenceFields: Fields = { $ref: '1.2', target: '1.2', description: '1.2' };
const componentsFields: Fields = { actions: '1.2' };
const reusableFields: Fields = { description: '1.2', fields: '1.2' };

const versions: readonly SpecificationVersion[] = ['1.0', '1.1', '1.2'];
const referencePrefix = '#/components/actions/';

/** The fields of an action and where each is in the file. */
interface ActionFields {
  readonly fields: ValueObject;
  at(name: string): Location;
}

const targetOf = (action: Value) => (isObject(action) ? property(action, 'target') : undefined);

class Reader {
  readonly problems: OverlayProblem[] = [];
  readonly #source: Source;
  #version: SpecificationVersion = '1.1';

  constructor(source: Source) {
    this.#source = source;
  }

  overlay(): Overlay {
    const root = this.#source.value;
    if (!isObject(root)) {
      this.#report([], 'an overlay is an object with "overlay", "info", and "actions"');
      throw new OverlayError(this.problems);
    }
    this.#version = this.#declaredVersion(root);
    this.#onlyFields(root, [], overlayFields);
    this.#components(root);
    return {
      file: this.#source.file,
      version: this.#version,
      info: this.#info(root),
      self: this.#documentUri(root, '$self'),
      extends: this.#documentUri(root, 'extends'),
      actions: this.#actions(root),
    };
  }

  #declaredVersion(root: ValueObject): SpecificationVersion {
    const declared = this.#requiredText(root, [], 'overlay');
    const version = versions.find((known) => declared.startsWith(`${known}.`) && /^1\.\d\.\d+$/.test(declared));
    if (version === undefined && typeof root.overlay === 'string') {
      this.#report(['overlay'], `"overlay" is ${brief(declared)}; supported are 1.0.x, 1.1.x, and 1.2.x`);
    }
    return version ?? '1.2';
  }

  #info(root: ValueObject): Overlay['info'] {
    const info = property(root, 'info');
    if (!isObject(info)) {
      this.#report(['info'], info === undefined ? '"info" is missing' : '"info" must be an object');
      return { title: '', version: '' };
    }
    this.#onlyFields(info, ['info'], infoFields);
    return {
      title: this.#requiredText(info, ['info'], 'title'),
      version: this.#requiredText(info, ['info'], 'version'),
      description: this.#text(info, ['info', 'description']),
    };
  }

  /** Overlay 1.2 allows no fragment in the URI of a whole document. */
  #documentUri(root: ValueObject, name: string): string | undefined {
    const uri = this.#text(root, [name]);
    if (this.#version === '1.2' && uri?.includes('#')) {
      this.#report([name], `"${name}" is ${brief(uri)}; the URI of a document has no fragment (#…)`);
    }
    return uri;
  }

  #actions(root: ValueObject): Action[] {
    const actions = property(root, 'actions');
    if (!Array.isArray(actions) || actions.length === 0) {
      this.#report(['actions'], '"actions" must be a list of at least one action');
      return [];
    }
    return actions.flatMap((action, index) => {
      const twin = actions.findIndex((other) => targetOf(other) === targetOf(action) && deepEqual(other, action));
      if (twin < index) this.#report(['actions', index], `is the same as actions[${twin}]`);
      if (isObject(action)) return [this.#action(action, index, root)];
      this.#report(['actions', index], 'an action must be an object with "target"');
      return [];
    });
  }

  #action(action: ValueObject, index: number, root: ValueObject): Action {
    const at: Location = ['actions', index];
    const isReference = this.#version === '1.2' && Object.hasOwn(action, '$ref');
    this.#onlyFields(action, at, isReference ? referenceFields : actionFields);
    const target = this.#requiredText(action, at, 'target');
    if (typeof action.target === 'string') this.#query(target, [...at, 'target']);
    const complete = isReference ? this.#referenced(action, at, root) : plainAction(action, at);
    return { index, target, ...this.#contents(complete), ...this.#source.positionOf([...at, 'target']) };
  }

  /** Checks the fields that a reusable action may have too. */
  #contents(action: ActionFields): Omit<Action, 'index' | 'target' | 'line' | 'column'> {
    return {
      modifier: this.#modifier(action),
      withoutImpact: withoutImpact(action.fields),
      description: this.#text(action.fields, action.at('description')),
      reason: this.#filledText(action, 'x-reason'),
      evidence: this.#filledText(action, 'x-evidence'),
      grade: this.#grade(action),
      expectedMatches: this.#matches(action),
    };
  }

  /** Returns a reusable action's fields with those of the reference, which take precedence. */
  #referenced(reference: ValueObject, at: Location, root: ValueObject): ActionFields {
    const { $ref, ...own } = reference;
    const name = reusableName($ref);
    const path: Location = ['components', 'actions', name ?? ''];
    const reusable = name === undefined ? undefined : memberAt(root, path);
    if (reusable === undefined) {
      const message = `"$ref" is ${brief($ref ?? null)}, which is not an action under #/components/actions/`;
      this.#report([...at, '$ref'], message);
    }
    const fields = isObject(reusable) ? property(reusable, 'fields') : undefined;
    const inherited = isObject(fields) ? fields : {};
    return {
      fields: { ...inherited, ...own },
      at: (field) => (Object.hasOwn(own, field) ? [...at, field] : [...path, 'fields', field]),
    };
  }

  #components(root: ValueObject): void {
    const components = property(root, 'components');
    if (this.#version !== '1.2' || components === undefined) return;
    const at: Location = ['components', 'actions'];
    if (!isObject(components)) {
      this.#report(['components'], '"components" must be an object');
      return;
    }
    this.#onlyFields(components, ['components'], componentsFields);
    const actions = property(components, 'actions') ?? {};
    if (!isObject(actions)) {
      this.#report(at, '"actions" must be an object of reusable actions');
      return;
    }
    for (const [name, action] of Object.entries(actions)) this.#reusable(action, [...at, name]);
  }

  #reusable(action: Value, at: Location): void {
    if (!isObject(action)) {
      this.#report(at, 'a reusable action must be an object with "fields"');
      return;
    }
    this.#onlyFields(action, at, reusableFields);
    this.#text(action, [...at, 'description']);
    const fields = property(action, 'fields') ?? {};
    if (!isObject(fields)) {
      this.#report([...at, 'fields'], '"fields" must be an object');
      return;
    }
    this.#onlyFields(fields, [...at, 'fields'], sharedFields);
    this.#contents(plainAction(fields, [...at, 'fields']));
  }

  #modifier({ fields, at }: ActionFields): Modifier {
    const remove = property(fields, 'remove');
    if (remove !== undefined && typeof remove !== 'boolean')
      this.#report(at('remove'), '"remove" must be true or false');
    const from = this.#text(fields, at('copy'));
    if (from !== undefined && this.#version !== '1.0') this.#query(from, at('copy'));
    const value = property(fields, 'update');
    if (remove === true) return { kind: 'remove' };
    // By the specification, "update" has no impact if "copy" is there, nor "copy" if "update" is there.
    if (value !== undefined && from !== undefined) return { kind: 'none' };
    if (value !== undefined) return { kind: 'update', value };
    return from === undefined ? { kind: 'none' } : { kind: 'copy', from };
  }

  #matches({ fields, at }: ActionFields): number {
    const matches = property(fields, 'x-matches');
    if (matches === undefined) return 1;
    if (typeof matches === 'number' && Number.isInteger(matches) && matches >= 1) return matches;
    this.#report(at('x-matches'), `"x-matches" must be a whole number of at least 1, not ${brief(matches)}`);
    return 1;
  }

  #grade({ fields, at }: ActionFields): Grade | undefined {
    const grade = property(fields, 'x-grade');
    if (grade === undefined || grade === 'A' || grade === 'B' || grade === 'C' || grade === 'S') return grade;
    this.#report(at('x-grade'), `"x-grade" must be A, B, C, or S, not ${brief(grade)}`);
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

  /** Reads the field that the location ends with. */
  #text(object: ValueObject, at: Location): string | undefined {
    const name = String(at.at(-1));
    const value = property(object, name);
    if (value === undefined || typeof value === 'string') return value;
    this.#report(at, `"${name}" must be a string. Put ${brief(value)} in quotes`);
    return undefined;
  }

  #requiredText(object: ValueObject, at: Location, name: string): string {
    if (!Object.hasOwn(object, name)) this.#report(at, `"${name}" is missing`);
    return this.#text(object, [...at, name]) ?? '';
  }

  #filledText({ fields, at }: ActionFields, name: string): string | undefined {
    const text = this.#text(fields, at(name));
    if (text?.trim() === '') this.#report(at(name), `"${name}" is empty`);
    return text;
  }

  #onlyFields(object: ValueObject, at: Location, fields: Fields): void {
    const known = Object.keys(fields).filter((name) => (fields[name] ?? '1.0') <= this.#version);
    for (const name of Object.keys(object)) {
      if (known.includes(name) || name.startsWith('x-')) continue;
      const since = property(fields, name);
      const hint =
        since === undefined
          ? `is not a field here. Known fields: ${known.join(', ')}, and names that begin with x-`
          : `needs Overlay ${since}. Set "overlay: ${since}.0"`;
      this.#report([...at, name], `"${name}" ${hint}`);
    }
  }

  /** Reports a problem once, although a reusable action is read once for each reference. */
  #report(at: Location, message: string): void {
    const { file } = this.#source;
    const problem = { kind: 'invalid', file, ...this.#source.positionOf(at), message } as const;
    const known = this.problems.some(
      (other) => other.message === message && other.line === problem.line && other.column === problem.column,
    );
    if (!known) this.problems.push({ ...problem, ...actionAt(this.#source.value, at) });
  }
}

function plainAction(fields: ValueObject, at: Location): ActionFields {
  return { fields, at: (name) => [...at, name] };
}

/** Returns the name that `#/components/actions/NAME` refers to: a JSON Pointer (RFC 6901) in a URI fragment. */
function reusableName(reference: Value | undefined): string | undefined {
  if (typeof reference !== 'string' || !reference.startsWith(referencePrefix)) return undefined;
  const token = reference.slice(referencePrefix.length);
  if (token.includes('/') || /~(?![01])/.test(token)) return undefined;
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}

function memberAt(root: Value, location: Location): Value | undefined {
  let value: Value | undefined = root;
  for (const part of location) value = isObject(value) ? property(value, String(part)) : undefined;
  return value;
}

/** By the specification, `remove` disables `update` and `copy`, and these two disable each other. */
function withoutImpact(fields: ValueObject): string[] {
  const present = ['update', 'copy'].filter((name) => Object.hasOwn(fields, name));
  return property(fields, 'remove') === true || present.length === 2 ? present : [];
}

/** Returns what a problem at this location reports about its action. */
function actionAt(root: Value, at: Location): Pick<OverlayProblem, 'index' | 'target' | 'reason'> {
  const [field, index] = at;
  if (field !== 'actions' || typeof index !== 'number') return {};
  const action = valueAt(root, [field, index]);
  const text = (name: string) => {
    const value = isObject(action) ? property(action, name) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { index, target: text('target'), reason: text('x-reason') };
}
