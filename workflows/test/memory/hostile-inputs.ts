import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { ServerChannel } from 'ssh2';
import { pack } from 'tar-stream';
import { answers, flood, type Hostile, host, instance, says, vendor } from './hostile-servers.ts';
import type { Victim } from './victims.ts';

/** Something that a vendor or an instance may send. */
export interface HostileInput {
  /** Whether each change is tested with it, and not only each night. */
  readonly often?: true;
  readonly victim: Victim;
  readonly sender: () => Promise<Hostile>;
  /** How the worker's attempt ends. */
  readonly outcome: RegExp;
}

const mib = 1024 ** 2;
/** The largest body that a client reads. */
const largestBody = 10 * mib;
/** ssh2 takes nothing more at a window of 0, and all at one below, so pieces do not use up a window exactly. */
const line = Buffer.alloc(30_000, 'a long line\n');

/** A body of JSON that is as large as a body may be: one element again and again. */
function arrayOf(element: string | ((index: number) => string)): string {
  const parts: string[] = [];
  for (let length = 2, index = 0; ; index++) {
    const part = typeof element === 'string' ? element : element(index);
    length += Buffer.byteLength(part) + 1;
    if (length > largestBody) return `[${parts.join(',')}]`;
    parts.push(part);
  }
}

const json = (body: string, status = 200) =>
  vendor((response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body));

const compressed = (encoding: string, compress: () => NodeJS.ReadWriteStream) =>
  vendor((response) => {
    response.writeHead(200, { 'content-encoding': encoding });
    const bomb = compress();
    bomb.pipe(response);
    return flood(Object(bomb), Buffer.alloc(mib, ' '), 512 * mib);
  });

async function drip(response: ServerResponse): Promise<void> {
  response.writeHead(200);
  const dripping = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(dripping));
}

/** A page of GPU.ai's lists, and always another one. */
const endlessPages = vendor((response, { url = '' }) => {
  const rows = Array.from({ length: 100 }, (_, row) => ({ id: `${url.length}-${row}`, name: 'x'.repeat(1000) }));
  const number = Number(new URL(url, 'http://vendor').searchParams.get('cursor') ?? 0);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ data: rows, items: rows, has_more: true, next_cursor: String(number + 1) }));
});

/** The end of a step, as its follower reports it. */
function endsStep(channel: ServerChannel): void {
  channel.stderr.write('exit [0]\n');
  channel.exit(0);
  channel.end();
}

/** A tar archive, as the second answer to a worker that collects a folder. */
const archive = (content: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>) =>
  instance({
    answer: answers(says('folder\n'), async (channel) => {
      for await (const piece of content()) channel.write(piece);
      channel.exit(0);
      channel.end();
    }),
  });

/** One header of a tar archive: ustar, POSIX.1-1988. */
function tarHeader(name: string, size: number, type: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** The largest extended header that is read: records of another key each. */
function paxBomb(type: 'x' | 'g'): Buffer {
  const records: string[] = [];
  let length = 0;
  for (let index = 0; ; index++) {
    const record = `12 ${String(index).padStart(6, '0')}=\n`;
    length += record.length;
    if (length > 4 * mib - 512) break;
    records.push(record);
  }
  const body = Buffer.from(records.join(''));
  return Buffer.concat([
    tarHeader('pax', body.byteLength, type),
    body,
    Buffer.alloc((512 - (body.byteLength % 512)) % 512),
  ]);
}

async function* manyLinks(): AsyncGenerator<Uint8Array> {
  const tar = pack();
  tar.entry({ name: 'a' }, Buffer.alloc(8 * mib));
  for (let link = 0; link < 100; link++) tar.entry({ name: `b${link}`, type: 'link', linkname: 'a' });
  tar.finalize();
  for await (const piece of tar) if (piece instanceof Uint8Array) yield piece;
}

/** Lets a session send whatever it wants, whenever it wants. */
function unbound(channel: unknown): { readonly protocol: SshProtocol; readonly socket: Readable; readonly id: number } {
  const { outgoing, _client }: { outgoing?: { window: number; id: number }; _client?: RawConnection } = Object(channel);
  if (outgoing === undefined || _client === undefined) throw new Error('ssh2 has other internals.');
  outgoing.window = Number.MAX_SAFE_INTEGER;
  return { protocol: _client._protocol, socket: _client._sock, id: outgoing.id };
}

interface SshProtocol {
  ping(): void;
  channelData(id: number, data: Buffer): void;
  channelWindowAdjust(id: number, amount: number): void;
}

interface RawConnection {
  readonly _protocol: SshProtocol;
  readonly _sock: Readable;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Everything that a worker has to survive with at most {@link mostMiB} more memory, by what it is. */
export const hostileInputs: Readonly<Record<string, HostileInput>> = {
  'a body without end': {
    often: true,
    victim: 'find offers',
    sender: vendor((response) => flood(response, Buffer.alloc(64 * 1024, '[{"a":1},'))),
    outcome: /more than 10 MiB/,
  },
  'a body that comes byte by byte': {
    victim: 'find offers in haste',
    sender: vendor(drip),
    outcome: /no answer within/,
  },
  'a body of gzip that becomes 512 MiB': {
    often: true,
    victim: 'find offers',
    sender: compressed('gzip', () => createGzip()),
    outcome: /more than 10 MiB/,
  },
  'a body of Brotli that becomes 512 MiB': {
    victim: 'find offers',
    sender: compressed('br', () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
    outcome: /more than 10 MiB/,
  },
  'arrays in arrays': { victim: 'find offers', sender: json('['.repeat(largestBody)), outcome: /more values/ },
  'arrays in arrays that end': {
    victim: 'find offers',
    sender: json('['.repeat(largestBody / 2) + ']'.repeat(largestBody / 2)),
    outcome: /more values/,
  },
  'millions of empty rows': { often: true, victim: 'find offers', sender: json(arrayOf('{}')), outcome: /more values/ },
  'millions of numbers': { victim: 'find offers', sender: json(arrayOf('1.5')), outcome: /more values/ },
  'rows with a different key each': {
    victim: 'find offers',
    sender: json(arrayOf((index) => `{"${index.toString(36)}":1}`)),
    outcome: /more values/,
  },
  'one text of another alphabet': {
    victim: 'find offers',
    sender: json(JSON.stringify(`${'a'.repeat(largestBody - 8)}Ж`)),
    outcome: /ApplicationFailure: massed-compute/,
  },
  'a failure without end': {
    victim: 'find offers',
    sender: vendor((response) => flood(response.writeHead(400), Buffer.alloc(64 * 1024, '{"message":"'))),
    outcome: /was refused with 400/,
  },
  'a failure with a long message': {
    victim: 'find offers',
    sender: json(JSON.stringify({ message: 'no '.repeat(largestBody / 3 - 10) }), 400),
    outcome: /ApplicationFailure: massed-compute/,
  },
  'headers without end': {
    victim: 'find offers',
    sender: host((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      return flood(socket, `x-${'a'.repeat(1000)}: ${'b'.repeat(1000)}\r\n`);
    }),
    outcome: /ApplicationFailure: massed-compute/,
  },
  'chunks with extensions without end': {
    victim: 'find offers in haste',
    sender: host((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;');
      return flood(socket, 'a'.repeat(60_000));
    }),
    outcome: /ApplicationFailure: massed-compute/,
  },
  'interim answers without end': {
    victim: 'find offers in haste',
    sender: host((socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(1000))),
    outcome: /ApplicationFailure: massed-compute/,
  },
  'pages without end': { victim: 'list instances', sender: endlessPages, outcome: /pages do not end/ },

  'a greeting without end': {
    often: true,
    victim: 'wait for SSH',
    sender: host((socket) => flood(socket, 'Welcome!\r\n'.repeat(5000))),
    outcome: /SshError: .*(1 MiB before|packet)/,
  },
  'a greeting of one line': {
    victim: 'wait for SSH',
    sender: host((socket) => flood(socket, 'Welcome! '.repeat(5000))),
    outcome: /SshError: .*(1 MiB before|packet)/,
  },
  'a packet of 4 GiB': {
    victim: 'wait for SSH',
    sender: host((socket) => {
      socket.write('SSH-2.0-hostile\r\n');
      return flood(socket, Buffer.alloc(64 * 1024, 0xff));
    }),
    outcome: /SshError: .*(1 MiB before|packet)/,
  },
  'a window for everything, which is never read': {
    often: true,
    victim: 'upload files',
    sender: instance({
      answer: (channel) => {
        const { protocol, socket, id } = unbound(channel);
        socket.pause();
        protocol.channelWindowAdjust(id, 2 ** 31 - 1);
        const pinging = setInterval(() => protocol.ping(), 1000);
        socket.on('close', () => clearInterval(pinging));
      },
    }),
    outcome: /SshError: .*closed/,
  },
  'an answer without end': {
    often: true,
    victim: 'check the GPUs',
    sender: instance({ answer: (channel) => void flood(channel, line) }),
    outcome: /more than 1 MiB on stdout/,
  },
  'a complaint without end': {
    victim: 'check the GPUs',
    sender: instance({ answer: (channel) => void flood(channel.stderr, line) }),
    outcome: /more than 1 MiB on stderr/,
  },
  'a complaint of empty lines': {
    victim: 'check the GPUs',
    sender: instance({
      answer: (channel) => {
        channel.stderr.write(Buffer.alloc(mib - 100, '\n'));
        channel.exit(1);
        channel.end();
      },
    }),
    outcome: /0 of 1 GPUs/,
  },
  'a shell that prints without end': {
    victim: 'check the GPUs',
    sender: instance({ noise: Buffer.alloc(1_900_000, 'Welcome! ') }),
    outcome: /more than 1 MiB on stdout/,
  },
  'output without end': {
    often: true,
    victim: 'follow a step',
    sender: instance({ answer: answers(says('started\n'), (channel) => flood(channel, line), endsStep) }),
    outcome: /"exitCode":0/,
  },
  'output of single bytes': {
    often: true,
    victim: 'follow a step',
    sender: instance({
      answer: answers(says('started\n'), async (channel) => {
        const { protocol, socket, id } = unbound(channel);
        for (let sent = 0; sent < 500_000 && !socket.destroyed; sent++) {
          protocol.channelData(id, Buffer.from('x'));
          if (sent % 1000 === 0) await turn();
        }
        endsStep(channel);
      }),
    }),
    outcome: /too many small pieces/,
  },
  'readings of GPUs without end': {
    victim: 'follow a step',
    sender: instance({
      answer: answers(
        says('started\n'),
        (channel) => void flood(channel.stderr, `gpus [${'1, 2, 3, 4;'.repeat(600)}]\n`),
      ),
    }),
    outcome: /more than 1 MiB on stderr/,
  },
  'a list of files without end': {
    victim: 'list files',
    sender: instance({ answer: (channel) => void flood(channel, '1 ./a\n'.repeat(5001)) }),
    outcome: /more than 10000 files/,
  },
  'an archive of extended headers': {
    often: true,
    victim: 'collect files',
    sender: archive(() => [paxBomb('g'), paxBomb('x')]),
    outcome: /"outputs":\[\]/,
  },
  'an archive of a large file and many links to it': {
    victim: 'collect files',
    sender: archive(manyLinks),
    outcome: /larger than limits.maxOutputs/,
  },
  'a file without end': {
    victim: 'collect files',
    sender: instance({ answer: answers(says('1\n'), (channel) => void flood(channel, line)) }),
    outcome: /larger than limits.maxOutputs/,
  },
};

/** What a hostile instance or vendor may cost a worker. */
export const mostMiB = 64;
