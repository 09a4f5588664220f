import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { quoteForShell, remotePath } from './shell.ts';
import { commandFailure, cutOff, RemoteCommandError, SshError, type SshSession } from './ssh-session.ts';

/** A file to copy is not there. */
export class MissingFileError extends Error {
  override readonly name = 'MissingFileError';
}

/**
 * Copies a file, or the content of a folder, to the instance. May be repeated.
 * @param to Place on the instance; ending in `/`, the folder to put the file into.
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
  // A log may grow meanwhile: what it had at first is sent.
  const stdin = size === 0 ? '' : createReadStream(from, { end: size - 1 });
  await must(session, script, `${from} could not be uploaded`, { stdin });
}

async function uploadFolder(session: SshSession, from: string, to: string): Promise<void> {
  const tar = spawn('tar', ['-cf', '-', '-C', from, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const packed = ended(tar, `tar could not read ${from}`);
  packed.catch(() => undefined);
  // Read from at once: Node throws away what a child that has ended wrote to a pipe nobody reads.
  const archive = tar.stdout.pipe(new PassThrough());
  await must(session, unpackInto(to), `${from} could not be uploaded`, { stdin: archive });
  await packed;
}

/**
 * Unpacks a tar archive in a folder of the instance. May be repeated.
 * @throws What the archive throws.
 */
export async function unpackThere(session: SshSession, archive: AsyncIterable<Uint8Array>, to: string): Promise<void> {
  const stdin = Readable.from(archive, { objectMode: false });
  let broken: { readonly error: unknown } | undefined;
  stdin.on('error', (error) => {
    broken = { error };
  });
  await must(session, unpackInto(to), `${to} could not be filled`, { stdin }).catch((error: unknown) => {
    throw broken === undefined ? error : broken.error;
  });
}

/** Where the clock is behind, GNU tar warns of every file that it is from the future: too much to read for a folder of many. */
function unpackInto(to: string): string {
  return `t=${remotePath(to)}; mkdir -p "$t" && TAR_OPTIONS=--warning=no-timestamp tar -xof - -C "$t"`;
}

/** A file on the instance. */
export interface RemoteFile {
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

/** @throws MissingFileError when there is neither a file nor a folder at the path. */
export async function lookThere(session: SshSession, path: string): Promise<'folder' | RemoteFile> {
  const script = `
f=${remotePath(path)}
if [ -d "$f" ]; then echo folder
elif [ -f "$f" ]; then wc -c < "$f" && { [ ! -x "$f" ] || echo executable; }
else echo none; fi`;
  const answer = await must(session, script, `${path} could not be looked at`);
  const [what = '', mode] = answer.split('\n').map((line) => line.trim());
  if (what === 'none') throw new MissingFileError(`The instance has no file or folder ${path}.`);
  if (what === 'folder') return what;
  if (!/^\d{1,15}$/.test(what)) throw new RemoteCommandError(`${path} has no size that is a number.`);
  return { size: Number(what), executable: mode === 'executable' };
}

/** A file below a folder of the instance. */
export interface ListedFile {
  /** Relative to the folder. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Bytes of names and sizes that are read. */
const mostOfList = 4 * 1024 * 1024;

/** Lists the files of a folder as {@link packFilesThere} packs them. @throws RemoteCommandError when there are too many. */
export async function listFilesThere(
  session: SshSession,
  folder: string,
  most: number,
): Promise<readonly ListedFile[]> {
  const each = `for f; do printf '%s %s\\n' "$(($(wc -c < "$f")))" "$f"; done`;
  const script = `cd ${remotePath(folder)} || exit
find -L . -type f -exec sh -c ${quoteForShell(each)} sh {} + 2>/dev/null | head -n ${most + 1}; exit 0`;
  const pieces: Buffer[] = [];
  let bytes = 0;
  const tooMany = () =>
    new RemoteCommandError(`${folder} has more than ${most} files. Pack them, for example with tar.`);
  await must(session, script, `${folder} could not be listed`, {
    onStdout: (piece) => {
      bytes += piece.byteLength;
      if (bytes > mostOfList) throw tooMany();
      pieces.push(piece);
    },
  });
  const lines = Buffer.concat(pieces).toString().split('\n').slice(0, -1);
  if (lines.length > most) throw tooMany();
  return lines.map((line) => {
    const [, size, name] = /^(\d{1,15}) \.\/(.+)$/.exec(line) ?? [];
    if (size === undefined || name === undefined)
      throw new RemoteCommandError(`${folder} has a file whose name has a line break.`);
    return { name, size: Number(size) };
  });
}

/** Who takes what comes from the instance. Its content ends when all of it has come, and throws otherwise. */
type Taker<T> = (content: AsyncIterable<Uint8Array>) => Promise<T>;

/** @param size What the file had at the last look; it may have grown since, and not come only in part. */
export function readThere<T>(session: SshSession, path: string, size: number, take: Taker<T>): Promise<T> {
  return streamed(session, `cat ${remotePath(path)}`, path, take, size);
}

/** A folder as a tar archive: all that is in it, as it is, links included. Somebody may write in it meanwhile. */
export function packThere<T>(session: SshSession, folder: string, take: Taker<T>): Promise<T> {
  return streamed(session, bearChanges(`tar -cf - -C ${remotePath(folder)} .`), folder, take);
}

/** The files of a folder as a tar archive: links are followed, whatever is no file, or leads in a circle, is left out. */
export function packFilesThere<T>(session: SshSession, folder: string, take: Taker<T>): Promise<T> {
  // BusyBox's tar does not take lists. Several archives in a row are read as one. PAX headers would lose names that are not UTF-8.
  const script = `cd ${remotePath(folder)} || exit
if tar --version 2>/dev/null | grep -q GNU; then
  ${bearChanges('find -L . -type f -print0 2>/dev/null | tar -ch --format=gnu --no-recursion --null -f - -T -')}
else find -L . -type f -exec tar -chf - '{}' +; fi`;
  return streamed(session, script, folder, take);
}

/** GNU tar ends with 1 when a file changed or went while it was read, and with 2 when something is wrong. */
function bearChanges(command: string): string {
  return `${command}; c=$?; [ $c -le 1 ] || exit $c`;
}

async function streamed<T>(
  session: SshSession,
  script: string,
  what: string,
  take: Taker<T>,
  leastBytes = 0,
): Promise<T> {
  const content = new PassThrough();
  // Destroyed with an error, it may have nobody who reads it yet.
  content.on('error', () => undefined);
  let got = 0;
  const read = async () => {
    await must(session, script, `${what} could not be read`, {
      onStdout: async (bytes) => {
        got += bytes.byteLength;
        if (content.destroyed) throw new Error('Nobody takes it any more.');
        if (!content.write(bytes)) await drained(content);
      },
    });
    if (got < leastBytes) throw new SshError(`${what} came only in part: ${got} of ${leastBytes} bytes.`);
    content.end();
  };
  // Each one's failure ends the other, in words of its own: the first one is the cause.
  const failures: unknown[] = [];
  const failed = (error: unknown) => {
    failures.push(error);
    content.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  const taking = take(content);
  await Promise.all([read().catch(failed), taking.catch(failed)]);
  content.destroy();
  if (failures.length > 0) throw failures[0];
  return taking;
}

/** Waits until the stream takes more, or is closed. */
function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

async function must(
  session: SshSession,
  script: string,
  failure: string,
  options: Parameters<SshSession['exec']>[1] = {},
): Promise<string> {
  const result = await session.exec(script, options);
  if (result.code !== 0) throw commandFailure(failure, result);
  return result.stdout;
}

function ended(child: ReturnType<typeof spawn>, failure: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${failure}: ${error.message}`)));
    // GNU tar ends with 1 when a file changed while it was read. It has sent as much of it as it announced.
    child.once('close', (code) =>
      code === 0 || code === 1 ? resolve() : reject(new Error(`${failure}: exit code ${code}`)),
    );
  });
}
