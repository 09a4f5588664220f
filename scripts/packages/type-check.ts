import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EmptyProject } from './empty-project.ts';
import { everyClientFile } from './every-client.ts';
import { CommandError } from './run-command.ts';

/** The compiler versions that users have, installed side by side. */
export const compilers = {
  'typescript-5.9': 'npm:typescript@~5.9.3',
  'typescript-6': 'npm:typescript@~6.0.3',
  'typescript-7': 'npm:typescript@~7.0.2',
} as const;

/** Combinations to compile, and whether to check the packages' declarations too, which is slow with Temporal's declarations. */
const node = {
  types: ['node'],
  lib: ['es2023'],
  files: [everyClientFile, 'clients.ts', 'mocks.ts', 'extras.ts', 'durable.ts'],
};
const browser = { types: [], lib: ['es2023', 'dom'], files: ['clients.ts'] };
const settings = [
  { name: 'node16', moduleResolution: 'node16', module: 'node16', skipLibCheck: true, ...node },
  { name: 'nodenext', moduleResolution: 'nodenext', module: 'nodenext', skipLibCheck: true, ...node },
  { name: 'bundler', moduleResolution: 'bundler', module: 'esnext', skipLibCheck: true, ...node },
  { name: 'clients in a browser', moduleResolution: 'bundler', module: 'esnext', skipLibCheck: false, ...browser },
] as const;
const declarations = { ...settings[1], name: 'declarations', skipLibCheck: false };

const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: 'es2023' };

/** Compiles the programs with every combination that users have. Returns a problem for each that fails. */
export async function typeCheck(project: EmptyProject): Promise<{ checked: number; problems: readonly string[] }> {
  const problems: string[] = [];
  const ways = [
    { setting: declarations, compiler: 'typescript-7' },
    ...settings.flatMap((setting) => Object.keys(compilers).map((compiler) => ({ setting, compiler }))),
  ];
  const check = async ({ setting, compiler }: (typeof ways)[number]) => {
    const { name, files, ...options } = setting;
    const file = `tsconfig.${name.replaceAll(' ', '-')}.json`;
    const config = { compilerOptions: { ...strict, ...options }, files };
    writeFileSync(join(project.folder, file), JSON.stringify(config));
    const tsc = join('node_modules', compiler, 'bin/tsc');
    await project.run(process.execPath, [tsc, '-p', file, '--pretty', 'false']).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      problems.push(...ownErrors(error.output).map((own) => `${name}, ${compiler}: ${own}`));
    });
  };
  const waiting = ways.values();
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (const way of waiting) await check(way);
  });
  await Promise.all(workers);
  return { checked: ways.length, problems };
}

/**
 * Returns the errors in a compiler's output, except those in other projects' declarations: msw's need a browser's types, and
 * Temporal's do not compile under `exactOptionalPropertyTypes`. Any other output counts as an error too.
 */
export function ownErrors(output: string): readonly string[] {
  const errors = output.trim().split(/\n(?! )/);
  return errors.filter((error) => !/^node_modules\/(?!@gpu-clouds\/)[^(]+\(\d+,\d+\): error TS/.test(error));
}
