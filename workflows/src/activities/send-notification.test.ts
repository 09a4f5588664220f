import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeCloud, offerOf } from '@gpu-clouds/jobs/test';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it, vi } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import type { NotifyInput } from './contract.ts';
import { createActivities } from './create-activities.ts';
import { isPublicAddress } from './post-json.ts';

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const notification: NotifyInput['notification'] = {
  type: 'run.failed',
  timestamp: '2026-11-28T03:10:00Z',
  data: {
    run: 'nightly-1',
    name: 'nightly',
    fleet: 'prod',
    startedAt: '2026-11-28T03:00:00Z',
    dollars: 1.5,
    kind: 'no-offer',
    overBudget: false,
    message: 'No <GPU> & no luck.',
  },
};
const signed = { webhook: 'HOOK', on: ['failed'], format: 'json', signWith: 'KEY' } satisfies NotifyInput['webhook'];
const slack = { webhook: 'HOOK', on: ['failed'], format: 'slack' } satisfies NotifyInput['webhook'];

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  vi.restoreAllMocks();
});

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Starts a receiver. Returns its URL and what it received. */
async function receiver(answer: RequestListener): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ headers, body });
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port }: Partial<AddressInfo> = Object(server.address());
  return { url: `http://127.0.0.1:${port}/secret-path`, received };
}

function send(values: Readonly<Record<string, string>>, webhook: NotifyInput['webhook'], notifyPrivate: boolean) {
  const ssh = { host: '127.0.0.1', port: 22, user: 'root' };
  const { job } = createActivities({
    fleet: 'prod',
    clouds: new Map([['verda', new FakeCloud('verda', [offerOf('verda', 'a')], ssh)]]),
    masterSecret: 'a master secret of the tests',
    secrets: (name) => values[name],
    now: () => Date.now(),
    notifyPrivate,
  });
  return mockActivity().run(job.sendNotification, { id: 'a-run-0', webhook, notification });
}

it('a notification is signed as Standard Webhooks verify it, with the same id for each attempt', async () => {
  const { url, received } = await receiver((_, response) => response.writeHead(204).end());
  await send({ HOOK: url, KEY: key }, signed, true);
  await send({ HOOK: url, KEY: key.replace('whsec_', '') }, signed, true);
  for (const { headers, body } of received) {
    expect(new Webhook(key).verify(body, headers)).toEqual(notification);
    expect(headers).toMatchObject({ 'webhook-id': 'a-run-0', 'content-type': 'application/json' });
  }
  expect(received).toHaveLength(2);
  const [first] = received;
  expect(() => new Webhook(key).verify(`${first?.body} `, first?.headers ?? {})).toThrow();
});

it('Slack gets one line of text in which <, >, and & are escaped', async () => {
  const { url, received } = await receiver((_, response) => response.end('ok'));
  await send({ HOOK: url }, slack, true);
  expect(received.map(({ body }) => JSON.parse(body))).toEqual([
    { text: 'nightly: the run nightly-1 failed for $1.50. No &lt;GPU&gt; &amp; no luck.' },
  ]);
});

it.each([
  [500, false],
  [404, false],
  [302, false],
  [410, true],
])(
  'a receiver that answers %i gets the notification again unless it is 410, and no redirect is followed',
  async (status, final) => {
    const { url, received } = await receiver((_, response) => response.writeHead(status, { location: '/other' }).end());
    await expect(send({ HOOK: url }, slack, true)).rejects.toMatchObject({
      message: `The webhook HOOK answered with HTTP status ${status}.`,
      nonRetryable: final,
    });
    expect(received).toHaveLength(1);
  },
);

it('a receiver whose answer never ends is not waited for', async () => {
  const { url } = await receiver((_, response) => response.writeHead(200).write('a'.repeat(10_000)));
  await send({ HOOK: url }, slack, true);
});

it('a receiver that does not answer fails the attempt without its URL in the message', async () => {
  const { url } = await receiver(() => undefined);
  server?.close();
  server?.closeAllConnections();
  await expect(send({ HOOK: url }, slack, true)).rejects.toMatchObject({
    message: 'The webhook HOOK did not answer (ECONNREFUSED).',
    nonRetryable: false,
  });
});

it.each(['https://127.0.0.1:1', 'https://[::ffff:127.0.0.1]:1', 'https://localhost:1', 'https://2130706433:1'])(
  'a webhook of %s is refused, because its address is not public',
  async (url) => {
    await expect(send({ HOOK: url }, slack, false)).rejects.toMatchObject({
      type: 'invalid',
      nonRetryable: true,
      message: expect.stringContaining('The webhook HOOK has an address that is not public.'),
    });
  },
);

it.each([
  ...['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.100.100.200', '0.0.0.0'],
  ...['168.63.129.16', '192.0.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...['::', '::1', '::127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254'],
  ...['64:ff9b::a00:1', '2002:a00:1::', '2001::1', '2001:db8::1', 'ff02::1', 'fec0::1'],
])('%s is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(['1.1.1.1', '8.8.8.8', '::ffff:1.1.1.1', '2606:4700:4700::1111'])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

it('a webhook without TLS, or with a key that is too short, is not notified', async () => {
  await expect(send({ HOOK: 'http://example.com' }, slack, false)).rejects.toThrow(
    'The value of HOOK is not an https URL.',
  );
  await expect(send({ HOOK: 'https://example.com', KEY: 'c2hvcnQ=' }, signed, false)).rejects.toThrow(
    'The value of KEY must be 24 to 64 bytes in base64',
  );
});
