import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type FileServer, startFileServer, type Trouble } from '../../test/file-server.ts';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession, type SshSession } from '../ssh/ssh-session.ts';
import type { TransferFailure } from '../ssh/transfer-reports.ts';
import { downloadScript, type LinkedFile } from '../ssh/transfer-script.ts';
import { type Direction, LinkedTransfer, type PlannedFile } from './linked-transfer.ts';

let ssh: TestSshServer;
let session: SshSession;
let source: FileServer | undefined;
beforeAll(async () => {
  ssh = await startSshServer();
  const { publicKey, privateKey } = deriveSshKey('sixteen characters', 'transfers');
  ssh.allowed.add(publicKey);
  session = await openSession({ address: ssh.address, privateKey });
});
afterEach(() => source?.close());
afterAll(async () => {
  session.close();
  await ssh.close();
});

const content = Buffer.alloc(1000, 'x');
const serve = async (trouble: Trouble) => {
  source = await startFileServer(content, { tls: false, trouble });
  return source.url;
};
/** Refuses what has `refuse` in its URL. */
const refusing: (status: number) => Trouble = (status) => (request, response) => {
  if (request.url?.includes('refuse') !== true) return false;
  response.writeHead(status).end();
  return true;
};

class Refused extends Error {
  readonly failure: TransferFailure;

  constructor(failure: TransferFailure) {
    super(`${failure.id} ${failure.problem}`);
    this.failure = failure;
  }
}

let instances = 0;
/** A transfer on a new instance, or on that of an earlier one. */
function transferOf(
  plan: () => readonly PlannedFile[],
  {
    instanceName = `transfers-${++instances}`,
    script = (files: readonly LinkedFile[]) => downloadScript(files, 10),
  } = {},
) {
  const hidden: string[][] = [];
  const access = { reached: {}, hideLinks: (values: readonly string[]) => void hidden.push([...values]), say: String };
  const direction: Direction = {
    step: 'download',
    instance: { instanceName },
    script,
    filesPerStep: 3,
    plan: async () => plan(),
    failure: (_, failure) => new Refused(failure),
    stuck: () => new Error('It makes no progress.'),
  };
  const transfer = new LinkedTransfer(access, direction);
  return { instanceName, hidden, transfer, run: () => transfer.run(session) };
}

const files = (count: number, link: (id: string) => string): readonly PlannedFile[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `f${index}`;
    const rest = { path: `${instances}/${id}`, size: content.length, isSigned: true };
    return { id, label: id, ...rest, link: async () => link(id) };
  });

it.each([400, 403, 404, 412])(
  'a link that is refused with %i is tried again with a new link, after the list is read again',
  async (status) => {
    const url = await serve(refusing(status));
    const links: string[] = [];
    let plans = 0;
    const link = (id: string) => {
      const made = `${url}/${id}?X-Amz-Signature=${links.length}${id === 'f1' && links.length < 3 ? '-refuse' : ''}`;
      links.push(made);
      return made;
    };
    const { run, transfer, hidden } = transferOf(() => {
      plans += 1;
      return files(3, link);
    });
    await run();
    expect(transfer.details).toEqual({ transfer: { files: 3, totalFiles: 3, bytes: 3000, totalBytes: 3000 } });
    expect(plans).toBe(2);
    expect(links.filter((made) => made.includes('/f1'))).toHaveLength(2);
    expect(hidden[0]).toEqual(['0', '1-refuse', '2']);
  },
);

it('a new link that is refused too fails the transfer', async () => {
  const url = await serve(refusing(403));
  const { run } = transferOf(() => files(2, (id) => `${url}/${id}?${id === 'f1' ? 'refuse' : ''}`));
  await expect(run()).rejects.toMatchObject({ failure: { id: 'f1', problem: 'http', httpStatus: 403 } });
  expect(source?.ranges).toHaveLength(3);
});

it('a refusal of a link that is not signed fails the transfer at once', async () => {
  const url = await serve(refusing(404));
  const { run } = transferOf(() => files(1, () => `${url}/refuse`).map((file) => ({ ...file, isSigned: false })));
  await expect(run()).rejects.toMatchObject({ failure: { problem: 'http', httpStatus: 404 } });
  expect(source?.ranges).toHaveLength(1);
});

it('an object that changes meanwhile is downloaded as it is listed then', async () => {
  const url = await serve(refusing(412));
  let plans = 0;
  const { run, instanceName } = transferOf(() => {
    plans += 1;
    const version = plans === 1 ? 'refuse' : 'new';
    return files(1, () => `${url}/${version}`).map((file) => ({ ...file, id: version, path: 'changing' }));
  });
  await run();
  expect(await readFile(join(ssh.home, 'changing'))).toEqual(content);
  expect(instanceName).toMatch(/^transfers-/);
});

it('more files than one step takes come in several steps, and another worker that takes over loads nothing again', async () => {
  const url = await serve(() => false);
  const first = transferOf(() => files(8, (id) => `${url}/${id}`));
  await first.run();
  expect(source?.ranges).toHaveLength(8);
  const { instanceName } = first;
  const second = transferOf(() => files(8, (id) => `${url}/${id}`), { instanceName });
  await second.run();
  expect(second.transfer.details.transfer).toMatchObject({ files: 8, bytes: 8000 });
  expect(source?.ranges).toHaveLength(8);
});

it.each(['true', 'echo nonsense; exit 1', 'kill -KILL 0'])(
  'an instance whose steps bring nothing (%s) does not hold the worker',
  async (script) => {
    const { run } = transferOf(() => files(1, () => 'http://127.0.0.1:9/'), { script: () => script });
    await expect(run()).rejects.toThrow('It makes no progress.');
  },
);
