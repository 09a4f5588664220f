import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmptyProject, makeEmptyProject } from './empty-project.ts';
import { CommandError, runCommand } from './run-command.ts';
import type { Tarball } from './tarball.ts';
import { ownErrors } from './type-check.ts';

/** A package that is installed alone, and what it may bring along. */
export interface LeanInstall {
  readonly name: string;
  /** Largest `node_modules` that passes, in megabytes (1,000,000 bytes) by `du --apparent-size`. */
  readonly megabytes?: number;
  /** Packages that must not be installed with it. */
  readonly without: readonly string[];
  /** Imports that must compile without optional peers, with library declarations checked. */
  readonly imports?: readonly string[];
  /** Arguments for the installed command, and the output to expect. */
  readonly commands?: Readonly<Record<string, string>>;
}

export interface Installed {
  readonly megabytes: number;
  /** Names of all packages in `node_modules`, including nested ones. */
  readonly packages: readonly string[];
}

const ofWorkers = ['@gpu-clouds/workflows', '@temporalio/testing', '@temporalio/worker', 'ssh2'];

export const leanInstalls: readonly LeanInstall[] = [
  {
    name: '@gpu-clouds/jobs',
    megabytes: 60,
    without: ofWorkers,
    imports: ['', '/contract', '/worker', '/codec'],
  },
  {
    name: '@gpu-clouds/cli',
    megabytes: 80,
    without: [
      ...ofWorkers,
      '@gpu-clouds/dev',
      '@gpu-clouds/server',
      '@gpu-clouds/simulators',
      '@modelcontextprotocol/server',
    ],
    commands: {
      worker: 'npm install @gpu-clouds/workflows',
      dev: 'npm install @gpu-clouds/dev',
      dashboard: 'npm install @gpu-clouds/server',
      mcp: 'npm install @modelcontextprotocol/server',
    },
  },
  {
    name: '@gpu-clouds/workflows',
    without: ['@temporalio/testing', '@opentelemetry/api', '@gpu-clouds/simulators'],
    imports: ['', '/workflows', '/activities', '/plugin'],
  },
];

/** Finds packages that must not be there, and a `node_modules` that is too large. */
export function installProblems({ name, megabytes: limit, without }: LeanInstall, installed: Installed) {
  const { megabytes, packages } = installed;
  const unwanted = without.filter((one) => packages.includes(one)).map((one) => `${name} brings ${one}`);
  if (limit === undefined || megabytes <= limit) return unwanted;
  return [`${name} brings ${megabytes.toFixed(1)} MB, and may bring ${limit}`, ...unwanted];
}

/**
 * Installs the package alone, from its tarball and the tarballs of our packages that it depends on.
 * @param compiler Path of the TypeScript compiler.
 */
export async function checkLeanInstall(
  lean: LeanInstall,
  tarballs: readonly Tarball[],
  folder: string,
  compiler: string,
): Promise<{ readonly text: string; readonly problems: readonly string[] }> {
  const files = tarballs.map(({ name, file }) => [name, `file:${file}`] as const);
  const named = (wanted: boolean) => Object.fromEntries(files.filter(([name]) => (name === lean.name) === wanted));
  const project = await makeEmptyProject(folder, { dependencies: named(true), overrides: named(false) });
  const installed = await whatIsInstalled(project);
  return {
    text: `${lean.name.replace('@gpu-clouds/', '')} ${installed.megabytes.toFixed(1)} MB`,
    problems: [
      ...installProblems(lean, installed),
      ...(await typeProblems(lean, project, compiler)),
      ...(await commandProblems(lean, project)),
    ],
  };
}

async function whatIsInstalled({ folder, run }: EmptyProject): Promise<Installed> {
  const size = await run('du', ['--apparent-size', '--bytes', '--summarize', 'node_modules']);
  const lock: { packages: Record<string, unknown> } = JSON.parse(
    readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'),
  );
  const packages = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1) ?? '');
  return { megabytes: Number.parseInt(size, 10) / 1_000_000, packages };
}

async function typeProblems({ name, imports = [] }: LeanInstall, { folder }: EmptyProject, compiler: string) {
  if (imports.length === 0) return [];
  const lines = imports.map((entry, index) => `export type * as entry${index} from '${name}${entry}';\n`);
  writeFileSync(join(folder, 'types.ts'), lines.join(''));
  const flags = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes'];
  const target = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--pretty', 'false'];
  const args = [compiler, ...flags, ...target, 'types.ts'];
  return runCommand(process.execPath, args, { cwd: folder }).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      return ownErrors(error.output).map((own) => `${name} alone: ${own}`);
    },
  );
}

async function commandProblems({ name, commands = {} }: LeanInstall, { run }: EmptyProject) {
  const problems: string[] = [];
  for (const [argument, sentence] of Object.entries(commands)) {
    const said = await run('gpu-clouds', [argument]).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      return error.output;
    });
    if (!said.includes(sentence)) problems.push(`${name} alone: ${argument} says ${said.trim()}`);
  }
  return problems;
}
