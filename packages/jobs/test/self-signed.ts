import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Writes a key and its certificate for a server on loopback into a folder, which other users may read. Returns the paths of both. */
export async function selfSigned(folder: string): Promise<{ readonly key: string; readonly ca: string }> {
  const [key, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  await promisify(execFile)('openssl', ['req', '-x509', '-days', '2', ...curve, '-keyout', key, '-out', ca, ...names]);
  await chmod(folder, 0o755);
  return { key, ca };
}
