/**
 * Measures what `gpu-clouds offers` adds to the network's time, and what the shortest Node program with the same requests adds:
 * `node benchmarks/offers-time/compare.ts [--check]`.
 *
 * The packages are packed and installed in an empty project, as users have them. The answers of the simulated clouds are recorded once. Then a
 * server gives each of them again after 100 ms. The network's time lasts from the first request to the end of the last response. The programs
 * take turns, so that other load on the machine affects both alike. `--check` fails if the ratio is above its limit. `--project PATH` names a
 * folder in which the packages are installed. `--rounds N` changes the number of rounds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeEmptyProject, tarballDependencies } from '../../scripts/packages/empty-project.ts';
import { publishablePackages, root } from '../../scripts/packages/publishable.ts';
import { runCommand } from '../../scripts/packages/run-command.ts';
import { startSimulatorProcess } from '../../scripts/packages/simulator-process.ts';
import { packAll } from '../../scripts/packages/tarball.ts';
import { median } from '../median.ts';

const { values: options } = parseArgs({
  options: { check: { type: 'boolean' }, project: { type: 'string' }, rounds: { type: 'string' } },
});
const rounds = Number(options.rounds ?? 15);
const latencyMs = 100;
/** `offers` adds at most this many times what the shortest program adds. */
const limit = 2.5;

interface Recorded {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly answer: { readonly status: number; readonly type: string; readonly body: string };
}

/** Stands between the command and the clouds: passes each request on once, and then gives the same answer again. */
class Network {
  readonly #recorded = new Map<string, Recorded>();
  #first = Number.NaN;
  #last = Number.NaN;

  /** Returns a URL at which `target` is reached. */
  async before(target: string): Promise<string> {
    const server = createServer(async (request, response) => {
      if (Number.isNaN(this.#first)) this.#first = performance.now();
      const own = `http://${request.headers.host}${request.url}`;
      const { answer } = await this.#answered(own, target, request);
      await delay(latencyMs);
      response.writeHead(answer.status, { 'content-type': answer.type });
      response.end(answer.body, () => {
        this.#last = performance.now();
      });
    });
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(target).pathname.replace(/\/$/, '')}`;
  }

  /** Returns what the run of a program takes besides the network's time, in milliseconds. */
  async addedBy(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
    this.#first = Number.NaN;
    const begin = performance.now();
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}.`);
    return performance.now() - begin - (this.#last - this.#first);
  }

  /** The recorded requests. Those in the second wave need the token that comes with the first one. */
  get waves(): readonly (readonly Omit<Recorded, 'answer'>[])[] {
    const requests = [...this.#recorded.values()];
    const token = requests.find(({ answer }) => answer.body.includes('"access_token"'));
    const needsToken = (request: Recorded) =>
      token !== undefined && request !== token && new URL(request.url).host === new URL(token.url).host;
    return [requests.filter((request) => !needsToken(request)), requests.filter(needsToken)];
  }

  async #answered(url: string, target: string, request: IncomingMessage): Promise<Recorded> {
    const key = `${request.method} ${url}`;
    const known = this.#recorded.get(key);
    if (known !== undefined) return known;
    const { method = 'GET', headers } = request;
    const { authorization, 'content-type': contentType } = headers;
    const sent = {
      method,
      headers: { ...(authorization && { authorization }), ...(contentType && { 'content-type': contentType }) },
      ...(method === 'POST' && { body: await text(request) }),
    };
    const response = await fetch(new URL(request.url ?? '', target), sent);
    const type = response.headers.get('content-type') ?? 'text/plain';
    const recorded = { url, ...sent, answer: { status: response.status, type, body: await response.text() } };
    this.#recorded.set(key, recorded);
    return recorded;
  }
}

/** Builds, packs, and installs the packages. */
async function installedIn(folder: string): Promise<string> {
  await runCommand('pnpm', ['build'], { cwd: root });
  const tarballs = await packAll(publishablePackages(root), folder);
  await makeEmptyProject(join(folder, 'project'), tarballDependencies(tarballs));
  return join(folder, 'project');
}

const folder = await mkdtemp(join(tmpdir(), 'offers-time-'));
try {
  const project = options.project ?? (await installedIn(folder));
  const bin = (name: string) => join(project, 'node_modules/.bin', name);
  const simulators = await startSimulatorProcess([bin('gpu-clouds-simulators')]);
  const network = new Network();
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(simulators.env))
    env[name] = value.startsWith('http://') ? await network.before(value) : value;
  const offers = () => network.addedBy(bin('gpu-clouds'), ['offers'], env);
  // The first run records the answers, and Node keeps the compiled code.
  await offers();
  await simulators.stop();
  const program = join(import.meta.dirname, 'shortest.mjs');
  const peer = () => network.addedBy(process.execPath, [program, JSON.stringify(network.waves)], env);
  await peer();
  const measured: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) measured.push({ ours: await offers(), theirs: await peer() });
  const ratio = median(measured.map(({ ours, theirs }) => ours / theirs));
  console.log(
    `offers adds ${median(measured.map(({ ours }) => ours)).toFixed(0)} ms to the network's time, the shortest program ` +
      `${median(measured.map(({ theirs }) => theirs)).toFixed(0)} ms: ${ratio.toFixed(2)} times (limit ${limit})`,
  );
  if (options.check && ratio > limit) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
