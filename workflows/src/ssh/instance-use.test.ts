import { expect, it } from 'vitest';
import { useIn } from './instance-use.ts';

/** What an instance with OpenSSH answers while only the worker is connected. */
const listener = 'process   700     1 sshd: /usr/sbin/sshd -D [listener] 1 of 10-100 startups';
const worker = [
  'process   800   700 sshd: gpu [priv]',
  'process   810   800 sshd: gpu@notty',
  'process   820   810 sh',
];
const load = ' 10:25:00 up 3 days,  1:02,  0 users,  load average: 0.40, 0.58, 0.59';
const gpus = 'gpus [0, 512, 81920, 40;2, 512, 81920, 40;]';

function answer({ self = '820', processes = [listener, ...worker], more = [load, 'cores 4', gpus] } = {}): string {
  return [`self ${self}`, ...processes, ...more, ''].join('\n');
}

it("an instance that serves only the worker's connection has no login, and says what its GPUs and processors do", () => {
  expect(useIn(answer(), 2)).toEqual({ logins: 0, gpus: [0, 2], loadPerCore: 0.1 });
});

it.each([
  'sshd: root@pts/0',
  'sshd: root@pts/0,pts/1',
  'sshd: gpu@notty',
  'sshd: gpu@internal-sftp',
  'sshd: tunnel',
  'sshd-session: gpu@pts/3',
])('%j is a login', (title) => {
  const processes = [listener, ...worker, `process   900   700 ${title}`];
  expect(useIn(answer({ processes }), 2)?.logins).toBe(1);
});

it.each([
  'sshd: [accepted]',
  'sshd: root [net]',
  'sshd: root [priv]',
  'sshd: unknown [net]',
  'sshd-session: gpu [priv]',
  'grep sshd: gpu@notty',
])('%j is no login, such as one that has not succeeded', (title) => {
  const processes = [listener, ...worker, `process   900   700 ${title}`];
  expect(useIn(answer({ processes }), 2)?.logins).toBe(0);
});

it.each([
  ['not its processes', { processes: [] }],
  ["not the worker's own connection, because it hides those of other users", { processes: ['process   820   810 sh'] }],
  ['not its own process', { self: '' }],
  ['not its load', { more: ['cores 4', gpus] }],
  ['not its processors', { more: [load, 'cores ', gpus] }],
  ['only one of two GPUs', { more: [load, 'cores 4', 'gpus [0, 512, 81920, 40;]'] }],
  ['no GPUs', { more: [load, 'cores 4', 'gpus []'] }],
])('an instance that says %s says too little', (_what, parts) => {
  expect(useIn(answer(parts), 2)).toBeUndefined();
});

it('processes that claim to be their own parents are read once', () => {
  const processes = ['process   820   810 sshd: gpu@notty', 'process   810   820 sh'];
  expect(useIn(answer({ processes }), 2)?.logins).toBe(0);
});
