import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { quoteForShell, remotePath } from './shell.ts';
import { commandFailure, cutOff, SshError, type SshSession } from './ssh-session.ts';

export interface DownloadOptions {
  /** A folder in which somebody writes meanwhile: what changes or goes under way is no failure. */
  readonly whileWritten?: boolean;
}

/** A file to copy is not there. */
export class MissingFileError extends Error {
  override readonly name = 'MissingFileError';
}

/**
 * Copies a file, or the content of a folder, to the machine. May be repeated.
 * @param to Place on the machine; ending in `/`, the folder to put the file into.
 * @throws MissingFileError when there is nothing at `from`.
 */
export async function upload(session: SshSession, from: string, to: string): Promise<void> {
  const found = await stat(from).catch(() => undefined);
  if (found === undefined) throw new MissingFileError(`There is no file or folder ${from} to upload.`);
  await (found.isDirectory() ? uploadFolder(session, from, to) : uploadFile(session, from, to, found));
}

async function uploadFile(
  session: SshSession,
  from: string,
  to: string,
  { size, mode }: { readonly size: number; readonly mode: number },
): Promise<void> {
  const target = to.endsWith('/') ? `${to}${basename(from)}` : to;
  const script = `
t=${remotePath(target)}
mkdir -p "$(dirname "$t")" && cat > "$t.part" || exit 1
[ "$(wc -c < "$t.part")" -eq ${size} ] || exit ${cutOff}
chmod ${(mode & 0o777).toString(8)} "$t.part" && mv "$t.part" "$t"`;
  await must(session, script, `${from} could not be uploaded`, { stdin: createReadStream(from) });
}

async function uploadFolder(session: SshSession, from: string, to: string): Promise<void> {
  const tar = spawn('tar', ['-cf', '-', '-C', from, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const packed = ended(tar, `tar could not read ${from}`);
  packed.catch(() => undefined);
  // Read from at once: Node throws away what a child that has ended wrote to a pipe nobody reads.
  const archive = tar.stdout.pipe(new PassThrough());
  await must(session, `t=${remotePath(to)}; mkdir -p "$t" && tar -xof - -C "$t"`, `${from} could not be uploaded`, {
    stdin: archive,
  });
  await packed;
}

/**
 * Copies a file, or a folder with its content, from the machine. May be repeated.
 * @param folder Where it goes.
 * @param to Its name there; ending in `/`, the folder to put the file into.
 * @throws MissingFileError when there is nothing at `from`.
 */
export async function download(
  session: SshSession,
  from: string,
  folder: string,
  to: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = remotePath(from);
  const look = `if [ -d ${path} ]; then echo folder; elif [ -f ${path} ]; then wc -c < ${path}; else echo none; fi`;
  const what = (await must(session, look, `${from} could not be looked at`)).trim();
  if (what === 'none') throw new MissingFileError(`The machine has no file or folder ${from}.`);
  const name = to.endsWith('/') ? `${to}${basename(from)}` : to;
  const target = join(folder, name);
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(what === 'folder' ? part : dirname(part), { recursive: true });
  if (what === 'folder') await downloadFolder(session, path, part, options);
  else await downloadFile(session, path, part, Number(what));
  await rm(target, { recursive: true, force: true });
  await rename(part, target);
  return name;
}

async function downloadFile(session: SshSession, path: string, part: string, size: number): Promise<void> {
  await intoStream(session, `cat ${path}`, createWriteStream(part));
  const got = (await stat(part)).size;
  if (got < size) throw new SshError(`${path} came only in part: ${got} of ${size} bytes.`);
}

async function downloadFolder(
  session: SshSession,
  path: string,
  part: string,
  { whileWritten = false }: DownloadOptions,
): Promise<void> {
  const tar = spawn('tar', ['-xof', '-', '-C', part], { stdio: ['pipe', 'ignore', 'ignore'] });
  const unpacked = ended(tar, `tar could not unpack ${path}`);
  unpacked.catch(() => undefined);
  // GNU tar ends with 1 when a file changed or went while it was read, and with 2 when something is wrong.
  const bear = whileWritten ? '; c=$?; [ $c -le 1 ]' : '';
  await intoStream(session, `tar -cf - -C ${path} .${bear}`, tar.stdin);
  await unpacked;
}

async function intoStream(session: SshSession, command: string, sink: Writable): Promise<void> {
  let broken: Error | undefined;
  sink.on('error', (error) => {
    broken = error;
  });
  try {
    await must(session, command, 'A file could not be read', {
      onStdout: async (bytes) => {
        if (broken !== undefined) throw broken;
        if (!sink.write(bytes)) {
          await new Promise<void>((resolve) => sink.once('drain', resolve).once('close', resolve));
        }
      },
    });
  } finally {
    await new Promise<void>((resolve) => (sink.closed ? resolve() : sink.once('close', resolve).end()));
  }
}

async function must(
  session: SshSession,
  script: string,
  failure: string,
  options: Parameters<SshSession['exec']>[1] = {},
): Promise<string> {
  const result = await session.exec(`sh -c ${quoteForShell(script)}`, options);
  if (result.code !== 0) throw commandFailure(failure, result);
  return result.stdout;
}

function ended(child: ReturnType<typeof spawn>, failure: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${failure}: ${error.message}`)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${failure}: exit code ${code}`))));
  });
}
