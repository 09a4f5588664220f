import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@gpu-clouds/dev';
import { until } from '@gpu-clouds/jobs/test';

export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  close(): Promise<void>;
}

/** A real S3 server over a folder of its own, on loopback, with one bucket. */
export async function startS3Server(path: string): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-s3-'));
  const [data, notes] = [join(folder, 'data'), join(folder, 'notes')];
  const bucket = 'runs-of-a-test';
  await mkdir(join(data, bucket), { recursive: true });
  await mkdir(notes);
  const port = await freePort();
  const credentials = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key-of-s3' };
  // Beside the data, since not every disk has extended attributes.
  const args = ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', notes, data];
  const env = {
    ...process.env,
    ROOT_ACCESS_KEY_ID: credentials.accessKeyId,
    ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const child = spawn(path, args, { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}.`);
    return fetch(endpoint).then(
      () => true,
      () => false,
    );
  }, 'an S3 server that answers');
  return {
    endpoint,
    bucket,
    credentials,
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
