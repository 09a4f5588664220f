import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** The ignore rules of one folder, for everything below it. */
interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

/** The ignore rules of a folder and the folders above it, outermost first. Those of an inner folder take precedence, as in Git. */
export class IgnoreRules {
  readonly #all: readonly Rules[];

  constructor(all: readonly Rules[] = []) {
    this.#all = all;
  }

  /** Returns the rules inside a folder: these, and those of its `.gpucloudsignore` or, if it has none, of its `.gitignore`. */
  async inside(folder: string): Promise<IgnoreRules> {
    const text = (await textOf(join(folder, '.gpucloudsignore'))) ?? (await textOf(join(folder, '.gitignore')));
    if (text === undefined) return this;
    return new IgnoreRules([...this.#all, { folder, rules: ignore({ ignorecase: false }).add(text) }]);
  }

  /** Returns the rules without those that ignore a path that the job names itself. */
  except(path: string, isFolder: boolean): IgnoreRules {
    return new IgnoreRules(this.#all.filter((rules) => !new IgnoreRules([rules]).ignores(path, isFolder)));
  }

  /** Returns whether a file or folder is ignored. A folder that is ignored is not searched, so that nothing in it can be un-ignored. */
  ignores(path: string, isFolder: boolean): boolean {
    let ignored = false;
    for (const { folder, rules } of this.#all) {
      const inside = relative(folder, path).split(sep).join('/');
      const result = rules.test(isFolder ? `${inside}/` : inside);
      if (result.ignored || result.unignored) ignored = result.ignored;
    }
    return ignored;
  }
}

/** Returns the rules that apply to a path: those of every folder from `top` down to the folder that has the path. */
export async function rulesAbove(top: string, path: string): Promise<IgnoreRules> {
  if (path === top) return new IgnoreRules();
  const names = relative(top, dirname(path))
    .split(sep)
    .filter((name) => name !== '');
  const folders = [top, ...names.map((_name, index) => join(top, ...names.slice(0, index + 1)))];
  let rules = new IgnoreRules();
  for (const folder of folders) rules = await rules.inside(folder);
  return rules;
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
