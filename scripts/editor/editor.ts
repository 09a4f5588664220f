import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const file = fileURLToPath(new URL('program.ts', import.meta.url));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
  types: [],
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  strict: true,
  noEmit: true,
};

/** What an editor shows of a program: one that is never written to disk, beside this file. */
export class Editor {
  #text = '';
  #version = 0;
  readonly #service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(this.#version) : '0'),
    getScriptSnapshot: (name) => {
      const text = name === file ? this.#text : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => fileURLToPath(new URL('.', import.meta.url)),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? this.#text : ts.sys.readFile(name)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
  });

  /** What is shown while the pointer is on the name before `|`. */
  hover(program: string): { readonly text: string; readonly deprecated: boolean } {
    const at = this.#open(program);
    const info = this.#service.getQuickInfoAtPosition(file, at - 1);
    const tags = info?.tags ?? [];
    return {
      text: [info?.documentation, ...tags.map(({ text }) => text)].map(ts.displayPartsToString).join('\n'),
      deprecated: tags.some(({ name }) => name === 'deprecated'),
    };
  }

  /** What is offered at `|`. */
  completions(program: string): string[] {
    const at = this.#open(program);
    return (this.#service.getCompletionsAtPosition(file, at, {})?.entries ?? []).map(({ name }) => name);
  }

  #open(program: string): number {
    const at = program.indexOf('|');
    if (at < 0) throw new Error('The program has no | to point with.');
    this.#text = program.slice(0, at) + program.slice(at + 1);
    this.#version += 1;
    return at;
  }
}
