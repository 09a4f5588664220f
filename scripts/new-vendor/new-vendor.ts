import { execFile } from 'node:child_process';
import { copyFile, glob, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { lint } from '../generate/lint.ts';
import { asDocument, type Document } from '../generate/openapi.ts';
import { publishedDocument } from '../generate/published-document.ts';
import { UsageError } from '../usage.ts';

const run = promisify(execFile);
const templates = join(import.meta.dirname, 'templates');

/**
 * Copies the templates under the vendor's name, puts the document and what lint says of it in place, and lists the vendor.
 * @throws {UsageError} for a name that cannot be used
 * @throws {GenerationError} for a document that cannot be read
 */
export async function newVendor(
  root: string,
  name: string,
  documentFile: string,
  print: (line: string) => void,
): Promise<void> {
  await checkName(root, name);
  const bytes = await readFile(documentFile).catch(() => {
    throw new UsageError(`Cannot read ${documentFile}. Pass the file with the vendor's OpenAPI document.`);
  });
  const value = publishedDocument(bytes, documentFile);
  const published = `published.${extname(documentFile) === '.json' ? 'json' : 'yaml'}`;
  const client = pascalCase(name);
  const substitutions = {
    'vendor-name': name,
    VendorName: client,
    vendorName: client.charAt(0).toLowerCase() + client.slice(1),
    VENDOR_NAME: name.toUpperCase().replaceAll('-', '_'),
    'published.document': published,
    'scheme-name': firstScheme(asDocument(value, documentFile)),
  };
  const folders = await copyTemplates(root, substitutions);
  await copyFile(documentFile, join(root, 'specs', name, published));

  const findings = await lint(value, bytes.toString(), published);
  const overlay = join(root, 'specs', name, 'overlay.yaml');
  const list = (findings.length === 0 ? ['nothing'] : findings).map((finding) => `# - ${finding}\n`);
  await writeFile(overlay, `${await readFile(overlay, 'utf8')}${list.join('')}`);

  await addToList(root, name, substitutions.vendorName);
  const dependents = ['packages/clouds', 'packages/simulators'];
  for (const folder of dependents) await addDependency(join(root, folder), name);
  const changed = dependents.flatMap((folder) => [`${folder}/package.json`, `${folder}/tsconfig.build.json`]);
  await run(join(root, 'node_modules/.bin/biome'), ['check', '--write', ...folders, ...changed, vendorList], {
    cwd: root,
  });

  for (const folder of folders) print(`Written: ${folder}`);
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  print(`specs/${name}/overlay.yaml lists what lint says of the document: ${count}. Patch them until this succeeds:`);
  print(`pnpm install && pnpm generate ${name} && pnpm generate`);
}

async function checkName(root: string, name: string): Promise<void> {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name)) {
    throw new UsageError(
      `"${name}" is not a package name. Use lower-case letters, digits, and hyphens, such as sky-forge.`,
    );
  }
  for (const folder of [`specs/${name}`, `packages/${name}`]) {
    const exists = await stat(join(root, folder)).then(
      () => true,
      () => false,
    );
    if (exists) throw new UsageError(`${folder} exists already. Choose another name, or remove the folder.`);
  }
}

/** Returns the folders that were written, relative to the root. */
async function copyTemplates(root: string, substitutions: Readonly<Record<string, string>>): Promise<string[]> {
  const tokens = new RegExp(Object.keys(substitutions).join('|'), 'g');
  const named = (text: string) => text.replace(tokens, (token) => substitutions[token] ?? token);
  const folders = new Set<string>();
  for await (const file of glob('**/*.*', { cwd: templates })) {
    const target = named(file);
    const folder = /^(packages\/(?:clouds|simulators)\/src\/[^/]+|[^/]+\/[^/]+)/.exec(target)?.[0];
    if (folder !== undefined) folders.add(folder);
    await mkdir(join(root, dirname(target)), { recursive: true });
    await writeFile(join(root, target), named(await readFile(join(templates, file), 'utf8')));
  }
  return [...folders].sort();
}

const vendorList = 'scripts/generate/vendors.ts';

/** Adds the vendor to the end of the list. */
async function addToList(root: string, name: string, variable: string): Promise<void> {
  const file = join(root, vendorList);
  const source = await readFile(file, 'utf8');
  const row = `import { rules as ${variable} } from '../../specs/${name}/rules.ts';\n`;
  await writeFile(file, row + source.replace(/\](;\s*)$/, `, ${variable}]$1`));
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

interface BuildConfig {
  readonly references: readonly { readonly path: string }[];
}

async function addDependency(folder: string, name: string): Promise<void> {
  await editJson<Manifest>(join(folder, 'package.json'), (manifest) => {
    const dependencies = { ...manifest.dependencies, [`@gpu-clouds/${name}`]: 'workspace:^' };
    const sorted = Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1));
    return { ...manifest, dependencies: Object.fromEntries(sorted) };
  });
  await editJson<BuildConfig>(join(folder, 'tsconfig.build.json'), (config) => ({
    ...config,
    references: [...config.references, { path: `../${name}/tsconfig.build.json` }],
  }));
}

async function editJson<Content>(file: string, edit: (content: Content) => Content): Promise<void> {
  const content: Content = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, `${JSON.stringify(edit(content), null, 2)}\n`);
}

const pascalCase = (name: string) =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Returns the first security scheme that the document requires or declares. */
function firstScheme({ security = [], components }: Document): string {
  const [required = {}] = security;
  const [name = 'apiKey'] = [...Object.keys(required), ...Object.keys(components?.securitySchemes ?? {})];
  return name;
}
