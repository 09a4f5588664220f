import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateCommand } from './generate/command.ts';
import { vendors } from './generate/vendors.ts';
import type { Proposal } from './upstream/proposal.ts';
import { openPullRequest } from './upstream/pull-request.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const print = (line: string) => console.log(line);
const complain = (line: string) => console.error(line);

/** Writes what to propose to a file. Needs no permissions, because it runs the generators on a document that nobody has seen. */
async function fetchTo(file: string): Promise<void> {
  // What it imports has to be installed, and the other command installs nothing.
  const { fetchDocuments } = await import('./upstream/fetch-documents.ts');
  const { fine, proposals } = await fetchDocuments({
    root,
    vendors,
    fetch,
    generate,
    changedFiles,
    print,
    complain,
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(proposals));
  if (!fine) process.exitCode = 1;
}

async function generate(vendor: string): Promise<{ fine: boolean; said: string }> {
  const lines: string[] = [];
  const hear = (line: string) => lines.push(line);
  const code = await generateCommand([vendor, '--changeset'], { root, vendors, print: hear, complain: hear });
  return { fine: code === 0, said: lines.join('\n') };
}

async function changedFiles(): Promise<string[]> {
  const run = promisify(execFile);
  const changed = await run('git', ['diff', '--name-only', '-z', 'HEAD'], { cwd: root });
  const added = await run('git', ['ls-files', '--others', '--exclude-standard', '-z'], { cwd: root });
  return `${changed.stdout}${added.stdout}`.split('\0').filter((path) => path !== '');
}

/** Opens the pull requests of a file. Needs no dependencies. */
async function propose(file: string): Promise<void> {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = process.env;
  if (!api || !repository || !token) throw new Error('Set GITHUB_API_URL, GITHUB_REPOSITORY, and GITHUB_TOKEN.');
  const proposals: readonly Proposal[] = JSON.parse(await readFile(file, 'utf8'));
  for (const proposal of proposals) {
    const address = await openPullRequest({ api, repository, token }, proposal);
    print(`${proposal.vendor}: ${address ?? `${proposal.branch} was proposed before.`}`);
  }
}

const [command, file] = process.argv.slice(2);
if (command === 'fetch' && file !== undefined) await fetchTo(file);
else if (command === 'propose' && file !== undefined) await propose(file);
else {
  complain('Usage: node scripts/upstream.ts fetch|propose FILE');
  process.exitCode = 2;
}
