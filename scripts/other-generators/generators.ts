import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../packages/run-command.ts';

/** An OpenAPI generator that other people use. Versions are exact, so that a failure has its cause in our documents. */
export interface Generator {
  readonly name: string;
  /** Installs the generator into an empty folder. */
  readonly install: (folder: string) => Promise<unknown>;
  /** Generates code from a document into the folder `out`. */
  readonly run: (folder: string, document: string, out: string) => Promise<unknown>;
}

async function npmInstall(folder: string, ...packages: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', ...packages], { cwd: folder });
}

async function pipInstall(folder: string, ...packages: readonly string[]): Promise<void> {
  await runCommand('python3', ['-m', 'venv', '.'], { cwd: folder });
  await runCommand(join(folder, 'bin/pip'), ['install', '--quiet', ...packages], { cwd: folder });
}

const npmProgram = (folder: string, name: string) => join(folder, 'node_modules/.bin', name);

const kubb = '4.39.3';

const kubbConfig = (document: string, out: string) => `
import { defineConfig } from '@kubb/core';
import { pluginClient } from '@kubb/plugin-client';
import { pluginOas } from '@kubb/plugin-oas';
import { pluginTs } from '@kubb/plugin-ts';
import { pluginZod } from '@kubb/plugin-zod';
export default defineConfig({
  root: '.',
  input: { path: ${JSON.stringify(document)} },
  output: { path: ${JSON.stringify(out)}, clean: true, format: false, lint: false },
  plugins: [pluginOas(), pluginTs(), pluginZod(), pluginClient()],
});
`;

export const generators: readonly Generator[] = [
  {
    name: 'hey-api',
    install: (folder) => npmInstall(folder, '@hey-api/openapi-ts@0.99.0', 'typescript@5.9.3'),
    run: (folder, document, out) =>
      runCommand(npmProgram(folder, 'openapi-ts'), ['-i', document, '-o', out], { cwd: folder }),
  },
  {
    name: 'orval',
    install: (folder) => npmInstall(folder, 'orval@8.38.0'),
    run: (folder, document, out) =>
      runCommand(npmProgram(folder, 'orval'), ['--input', document, '--output', join(out, 'client.ts')], {
        cwd: folder,
      }),
  },
  {
    name: 'kubb',
    install: (folder) =>
      npmInstall(
        folder,
        ...['cli', 'core', 'plugin-client', 'plugin-oas', 'plugin-ts', 'plugin-zod'].map(
          (name) => `@kubb/${name}@${kubb}`,
        ),
        '@kubb/react-fabric@0.16.1',
      ),
    run: async (folder, document, out) => {
      await writeFile(join(folder, 'kubb.config.mjs'), kubbConfig(document, out));
      const said = await runCommand(npmProgram(folder, 'kubb'), ['generate', '--config', 'kubb.config.mjs'], {
        cwd: folder,
      });
      // Its exit code is 0 even if a plugin fails.
      const failed = /^Failed:.*$/m.exec(said);
      if (failed) throw new Error(`${failed[0]}\n${said.slice(-1000)}`);
    },
  },
  {
    name: 'openapi-generator',
    install: (folder) => pipInstall(folder, 'openapi-generator-cli==7.17.0'),
    run: (folder, document, out) =>
      runCommand(join(folder, 'bin/openapi-generator-cli'), ['generate', '-g', 'python', '-i', document, '-o', out], {
        cwd: folder,
      }),
  },
  {
    name: 'oapi-codegen',
    install: (folder) =>
      runCommand('go', ['install', 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'], {
        cwd: folder,
        env: { ...process.env, GOBIN: folder },
      }),
    run: async (folder, document, out) => {
      await mkdir(out, { recursive: true });
      const options = ['-generate', 'types,client', '-package', 'client', '-o', join(out, 'client.go')];
      await runCommand(join(folder, 'oapi-codegen'), [...options, document], { cwd: folder });
    },
  },
  {
    name: 'datamodel-codegen',
    install: (folder) => pipInstall(folder, 'datamodel-code-generator==0.89.0'),
    run: async (folder, document, out) => {
      await mkdir(out, { recursive: true });
      const file = join(out, 'models.py');
      const options = ['--input-file-type', 'openapi', '--output-model-type', 'pydantic_v2.BaseModel'];
      await runCommand(join(folder, 'bin/datamodel-codegen'), [...options, '--input', document, '--output', file], {
        cwd: folder,
      });
      await runCommand('python3', ['-m', 'py_compile', file], { cwd: folder });
    },
  },
];
