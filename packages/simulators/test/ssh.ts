import ssh2, { type ConnectConfig } from 'ssh2';
import { privateKey } from './key-pair.ts';

export interface Outcome {
  readonly code: number | null;
  readonly signal?: string;
  readonly out: string;
  readonly err: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly username: string;
}

export function connect(target: Target, more: Partial<ConnectConfig> = {}): Promise<InstanceType<typeof ssh2.Client>> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.on('ready', () => resolve(client));
    client.on('error', reject);
    client.on('close', () => reject(new Error('closed')));
    client.connect({ ...target, privateKey, readyTimeout: 5000, ...more });
    // Nagle's algorithm would double the duration of a login.
    client.setNoDelay(true);
  });
}

/** Logs in, runs one command with `stdin` as its standard input, and logs out. */
export async function run(target: Target, command: string, stdin: string | Buffer = ''): Promise<Outcome> {
  const client = await connect(target);
  try {
    return await new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error !== undefined) return reject(error);
        let out = '';
        let err = '';
        let code: number | null = null;
        let signal: string | undefined;
        channel.on('data', (data: Buffer) => {
          out += data;
        });
        channel.stderr.on('data', (data: Buffer) => {
          err += data;
        });
        channel.on('exit', (exitCode: number | null, name?: string) => {
          code = exitCode;
          signal = name;
        });
        channel.on('close', () => resolve({ code, out, err, ...(signal === undefined ? {} : { signal }) }));
        channel.end(stdin);
      });
    });
  } finally {
    client.end();
  }
}
