/**
 * Measures the CPU time of one request with our client and with others: `node benchmarks/cpu-per-request.ts [--check]`.
 *
 * A server in another process returns Verda's example list of instances. The clients take turns in short rounds, so that
 * other load on the machine affects all alike. A result is the median over all rounds of a ratio within one round.
 * `--check` fails if a ratio is above its limit. The peers are installed from npm into a temporary folder; `--peers PATH`
 * names a folder that has them. `--rounds N` changes the number of rounds.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createVerda } from '../packages/verda/src/index.ts';
import { runCommand } from '../scripts/packages/run-command.ts';
import { median } from './median.ts';

const peers = ['openapi-fetch@0.17.0', 'ky@2.1.0', 'axios@1.21.1', 'openai@7.59.0'];
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    serve: { type: 'boolean' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? 150);
const warmUpRounds = 20;
const perRound = 64;
/** Our CPU time is at most this many times that of openapi-fetch. */
const limit = 1.25;

const token = { access_token: 't', refresh_token: 'r', token_type: 'Bearer', expires_in: 36_000, scope: 'all' };

/** Serves the answers until the parent process disconnects. Rate limits are high enough that nobody waits for one. */
function serve(): void {
  const instance = {
    id: 'a',
    hostname: 'h',
    status: 'running',
    ip: '192.0.2.1',
    price_per_hour: 1.5,
    volume_ids: ['v'],
  };
  const list = JSON.stringify(Array.from({ length: 5 }, () => instance));
  const headers = {
    'content-type': 'application/json',
    'ratelimit-policy': '"project";q=100000000;w=60, "endpoint";q=100000000;w=60',
    ratelimit: '"project";r=99999999;t=37, "endpoint";r=99999999;t=37',
  };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, headers).end(request.method === 'POST' ? JSON.stringify(token) : list);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

type Call = () => Promise<unknown>;

async function clientsOf(origin: string, folder: string): Promise<Readonly<Record<string, Call>>> {
  // Resolved as an application in that folder would resolve them: by their ES modules.
  const entry = join(folder, 'peers.mjs');
  const names = ['openapi-fetch', 'ky', 'axios', 'openai'];
  await writeFile(entry, names.map((name, index) => `export { default as peer${index} } from '${name}';\n`).join(''));
  const { peer0: openapiFetch, peer1: ky, peer2: axios, peer3: OpenAI } = await import(pathToFileURL(entry).href);
  const path = '/v1/instances';
  const url = `${origin}${path}`;
  const headers = { Authorization: 'Bearer t', Accept: 'application/json' };
  const fetchClient = openapiFetch({ baseUrl: origin, headers });
  const kyClient = ky.create({ headers, timeout: 30_000 });
  const axiosClient = axios.create({ headers, timeout: 30_000 });
  const openai = new OpenAI({ apiKey: 't', baseURL: `${origin}/v1` });
  const verda = createVerda({ clientId: 'id', clientSecret: 'secret', baseUrl: origin });
  return {
    fetch: async () => (await fetch(url, { headers })).json(),
    'openapi-fetch': () => fetchClient.GET(path),
    'gpu-clouds': () => verda.listInstances(),
    ky: () => kyClient.get(url).json(),
    axios: () => axiosClient.get(url),
    openai: () => openai.get('/instances'),
  };
}

/** Returns the CPU time of one request, in microseconds, with so many requests at a time. */
async function cpuOf(call: Call, concurrent: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < perRound; done += concurrent) await Promise.all(Array.from({ length: concurrent }, call));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / perRound;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

type Times = ReadonlyMap<string, number>;

/** Returns the CPU time of one request of each client in each round. */
async function timesOf(clients: Readonly<Record<string, Call>>, concurrent: number): Promise<readonly Times[]> {
  const measured: Times[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const times = new Map<string, number>();
    // In a fixed order, a client always pays for the garbage of the same other one.
    for (const [name, call] of shuffled(Object.entries(clients))) times.set(name, await cpuOf(call, concurrent));
    measured.push(times);
  }
  return measured.slice(warmUpRounds);
}

async function main(): Promise<void> {
  const own = options.peers === undefined;
  const folder = options.peers ?? (await mkdtemp(join(tmpdir(), 'peers-')));
  const server = fork(import.meta.filename, ['--serve']);
  try {
    if (own) {
      await writeFile(join(folder, 'package.json'), '{ "private": true }');
      await runCommand('npm', ['install', '--no-audit', '--no-fund', ...peers], { cwd: folder });
    }
    const port = await new Promise<number>((resolve) => server.once('message', (port) => resolve(Number(port))));
    const clients = await clientsOf(`http://127.0.0.1:${port}`, folder);
    for (const concurrent of [1, 64]) {
      const times = await timesOf(clients, concurrent);
      const timeIn = (round: Times, name: string) => round.get(name) ?? Number.NaN;
      const ratio = (one: string, other: string) =>
        median(times.map((round) => timeIn(round, one) / timeIn(round, other)));
      const micros = median(times.map((round) => timeIn(round, 'fetch')));
      const shown = Object.keys(clients).map((name) => `${name} ${ratio(name, 'fetch').toFixed(2)}`);
      console.log(`${concurrent} at a time: ${shown.join(', ')} (fetch: ${micros.toFixed(0)} µs of CPU)`);
      const ours = ratio('gpu-clouds', 'openapi-fetch');
      const lighter = ['ky', 'axios', 'openai'].filter((name) => ratio(name, 'gpu-clouds') <= 1);
      console.log(
        `  ${ours.toFixed(2)} times openapi-fetch (limit ${limit}); lighter: ${lighter.join(', ') || 'none'}`,
      );
      if (options.check && (ours > limit || lighter.length > 0)) process.exitCode = 1;
    }
  } finally {
    server.disconnect();
    if (own) await rm(folder, { recursive: true, force: true });
  }
}

if (options.serve) serve();
else await main();
