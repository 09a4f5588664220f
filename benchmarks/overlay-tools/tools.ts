import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Case } from './cases.ts';

const run = promisify(execFile);

/** The arguments that apply an overlay to a document and write `output`, or print the result if they do not name it. */
type Apply = (document: string, overlay: string, output: string) => string[];

/** An overlay tool. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  readonly apply: Apply;
  /** The arguments that validate an overlay. Without them, it is applied to an empty document. */
  readonly validate?: ((overlay: string) => string[]) | undefined;
}

interface NpmTool extends Omit<Tool, 'version' | 'command'> {
  readonly package: string;
  readonly bin: string;
}

export const npmTools: readonly NpmTool[] = [
  {
    name: 'bump-cli',
    package: 'bump-cli',
    bin: 'bump',
    apply: (document, overlay, output) => ['overlay', document, overlay, '-o', output],
  },
  {
    name: 'openapi-format',
    package: 'openapi-format',
    bin: 'openapi-format',
    apply: (document, overlay, output) => [
      document,
      '--overlayFile',
      overlay,
      '--no-sort',
      '--no-bundle',
      '--keepComments',
      '--output',
      output,
    ],
  },
  {
    name: 'Redocly CLI',
    package: '@redocly/cli',
    bin: 'redocly',
    apply: (document, overlay, output) => ['bundle', document, '--overlay', overlay, '-o', output],
    validate: (overlay) => ['lint', overlay],
  },
  {
    name: 'openapi-overlays-js',
    package: 'openapi-overlays-js',
    bin: 'overlayjs',
    apply: (document, overlay) => ['--openapi', document, '--overlay', overlay],
  },
];

/** Returns the tools that can run here: ours, those installed from npm in `folder`, and Speakeasy's command if it is given. */
export async function toolsIn(folder: string, root: string, speakeasy: string | undefined): Promise<Tool[]> {
  const installed = npmTools.map(async ({ package: name, bin, ...tool }): Promise<Tool> => {
    const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
    const { version }: { version: string } = JSON.parse(manifest);
    return { ...tool, version, command: join(folder, 'node_modules/.bin', bin) };
  });
  const bin = join(root, 'packages/openapi-overlay/src/bin.ts');
  const ours: Tool = {
    name: 'this package',
    version: 'this commit',
    command: process.execPath,
    apply: (document, overlay, output) => [bin, 'apply', document, overlay, '-o', output, '--lenient'],
    validate: (overlay) => [bin, 'validate', overlay],
  };
  const tools = [ours, ...(await Promise.all(installed))];
  return speakeasy === undefined ? tools : [...tools, await speakeasyTool(speakeasy)];
}

async function speakeasyTool(command: string): Promise<Tool> {
  const { stdout } = await run('go', ['version', '-m', command]).catch(() => ({ stdout: '' }));
  return {
    name: 'Speakeasy openapi',
    version: /\tmod\t\S+\t(\S+)/.exec(stdout)?.[1] ?? 'unknown version',
    command,
    apply: (document, overlay) => ['overlay', 'apply', overlay, document],
    validate: (overlay) => ['overlay', 'validate', overlay],
  };
}

/** Redocly CLI would call its servers. */
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

const empty = 'openapi: 3.1.0\ninfo: {title: Case, version: "1"}\npaths: {}\n';

/** Returns the tool's result for a case, or `undefined` if the tool exits with an error. */
export async function attempt(tool: Tool, item: Case, folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const extension = item.document?.extension ?? 'yaml';
  const path = (name: string) => join(folder, `${name}.${extension}`);
  await writeFile(path('document'), item.document?.text ?? empty);
  await writeFile(join(folder, 'overlay.yaml'), item.overlay);
  const validates = item.document === undefined && tool.validate !== undefined;
  const args = validates
    ? (tool.validate?.(join(folder, 'overlay.yaml')) ?? [])
    : tool.apply(path('document'), join(folder, 'overlay.yaml'), path('output'));
  try {
    const { stdout } = await run(tool.command, args, { timeout: 60_000, cwd: folder, env });
    return await readFile(path('output'), 'utf8').catch(() => stdout);
  } catch {
    return undefined;
  }
}
