import type { Stats } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
} from 'node:fs/promises';
import { resolve } from 'node:path';
import ssh2, { type Attributes, type InputAttributes, type SFTPWrapper } from 'ssh2';

const { STATUS_CODE: status, flagsToString } = ssh2.utils.sftp;

/** Files and folders that one SFTP session has open, by the number in their handle. */
type Handles = Map<number, FileHandle | { readonly folder: string; listed: boolean }>;

/**
 * Serves SFTP (version 3) from this computer's files, for systems without OpenSSH's `sftp-server`.
 * @param home folder to which relative paths belong
 */
export function serveSftp(sftp: SFTPWrapper, home: string): void {
  const handles: Handles = new Map();
  let nextHandle = 0;
  const at = (path: string) => resolve(home, path);
  const add = (entry: FileHandle | { folder: string; listed: boolean }): Buffer => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(nextHandle);
    handles.set(nextHandle, entry);
    nextHandle += 1;
    return handle;
  };
  const entryOf = (handle: Buffer) => handles.get(handle.readUInt32BE(0));
  const fileOf = (handle: Buffer): FileHandle => {
    const entry = entryOf(handle);
    if (entry === undefined || 'folder' in entry) throw new Error('The handle is not an open file');
    return entry;
  };
  /** Answers a request; a failed one with the status of its error. */
  const answer = (id: number, act: () => Promise<unknown>) => {
    act().catch((error: unknown) => sftp.status(id, statusOf(error), error instanceof Error ? error.message : ''));
  };
  /** Acts and answers OK. */
  const done = (id: number, act: () => Promise<unknown>) =>
    answer(id, async () => {
      await act();
      sftp.status(id, status.OK);
    });

  sftp.on('OPEN', (id, path, flags, { mode }) =>
    answer(id, async () => sftp.handle(id, add(await open(at(path), flagsToString(flags) ?? 'r', mode)))),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const { bytesRead, buffer } = await fileOf(handle).read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead === 0) sftp.status(id, status.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) => done(id, () => fileOf(handle).write(data, 0, data.length, offset)));
  sftp.on('CLOSE', (id, handle) =>
    done(id, async () => {
      const entry = entryOf(handle);
      handles.delete(handle.readUInt32BE(0));
      if (entry !== undefined && !('folder' in entry)) await entry.close();
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      if (!(await stat(at(path))).isDirectory()) throw new Error('Not a folder');
      sftp.handle(id, add({ folder: at(path), listed: false }));
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    answer(id, async () => {
      const entry = entryOf(handle);
      if (entry === undefined || !('folder' in entry)) throw new Error('The handle is not an open folder');
      if (entry.listed) return sftp.status(id, status.EOF);
      entry.listed = true;
      const names = ['.', '..', ...(await readdir(entry.folder))];
      return sftp.name(id, await Promise.all(names.map((name) => listing(resolve(entry.folder, name), name))));
    }),
  );
  sftp.on('STAT', (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await stat(at(path))))));
  sftp.on('LSTAT', (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await lstat(at(path))))));
  sftp.on('FSTAT', (id, handle) => answer(id, async () => sftp.attrs(id, attributesOf(await fileOf(handle).stat()))));
  sftp.on('SETSTAT', (id, path, attributes) => done(id, () => change(at(path), attributes)));
  sftp.on('FSETSTAT', (id, handle, { size, mode, atime, mtime }) =>
    done(id, async () => {
      const file = fileOf(handle);
      if (size !== undefined) await file.truncate(size);
      if (mode !== undefined) await file.chmod(mode);
      if (atime !== undefined && mtime !== undefined) await file.utimes(atime, mtime);
    }),
  );
  sftp.on('REALPATH', (id, path) =>
    answer(id, async () => {
      const filename = await realpath(at(path)).catch(() => at(path));
      sftp.name(id, [{ filename, longname: filename, attrs: noAttributes }]);
    }),
  );
  sftp.on('READLINK', (id, path) =>
    answer(id, async () => {
      const filename = await readlink(at(path));
      sftp.name(id, [{ filename, longname: filename, attrs: noAttributes }]);
    }),
  );
  sftp.on('SYMLINK', (id, target, path) => done(id, () => symlink(target, at(path))));
  sftp.on('MKDIR', (id, path, { mode }) => done(id, () => mkdir(at(path), mode)));
  sftp.on('RMDIR', (id, path) => done(id, () => rmdir(at(path))));
  sftp.on('REMOVE', (id, path) => done(id, () => unlink(at(path))));
  sftp.on('RENAME', (id, from, to) => done(id, () => rename(at(from), at(to))));
  sftp.on('close', () => {
    for (const entry of handles.values()) if (!('folder' in entry)) entry.close().catch(() => {});
  });
}

const noAttributes: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

async function change(path: string, { size, mode, atime, mtime }: InputAttributes): Promise<void> {
  if (size !== undefined) await truncate(path, size);
  if (mode !== undefined) await chmod(path, mode);
  if (atime !== undefined && mtime !== undefined) await utimes(path, atime, mtime);
}

async function listing(path: string, filename: string) {
  const stats = await lstat(path);
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const rights = [...'rwxrwxrwx'].map((letter, bit) => (stats.mode & (0o400 >> bit) ? letter : '-')).join('');
  const longname = `${kind}${rights} ${stats.nlink} ${stats.uid} ${stats.gid} ${stats.size} ${stats.mtime.toISOString()} ${filename}`;
  return { filename, longname, attrs: attributesOf(stats) };
}

function attributesOf({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return status.NO_SUCH_FILE;
  return code === 'EACCES' || code === 'EPERM' ? status.PERMISSION_DENIED : status.FAILURE;
}
