import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClouds, ownerIdOf, rankOffers } from '@gpu-clouds/clouds';
import { type Stack, startStack } from '@gpu-clouds/dev';
import {
  type EndedStatuses,
  ensureReaper,
  jobHandle,
  leaseInstance,
  listJobStatuses,
  localRunStore,
  parseJob,
  type RunStore,
  setBudget,
  startBatch,
  startJob,
} from '@gpu-clouds/jobs';
import { instanceNames } from '@gpu-clouds/jobs/contract';
import { gpuSampleLine } from '@gpu-clouds/jobs/worker';
import { Client, Connection } from '@temporalio/client';
import { createParser } from 'eventsource-parser';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from '../dashboard/build.ts';
import { createServerClient, type ServerClient } from '../src/client.ts';
import { addToken, type RunningServer, startServer } from '../src/index.ts';
import { chromium, openBrowser, violationsIn } from './chromium.ts';

const lines = 100_000;
const hostile = [
  `printf '\\033]0;owned\\007\\033[31mred\\033[0m <script>document.title = "owned"</script>\\n'`,
  `seq ${lines} | sed 's/$/ of ${lines} lines/'`,
  `printf '<img src=x onerror="document.title=1">\\n'`,
  'mkdir made && echo 42 > "made/<b>result.txt"',
].join('; ');

let folder: string;
let stack: Stack;
let client: Client;
let runs: RunStore;
let server: RunningServer;
let api: ServerClient;
let adminToken: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-clouds-dashboard-'));
  const worker = [process.execPath, join(import.meta.dirname, 'worker.ts')] as const;
  stack = await startStack({ env: process.env, home: join(folder, 'home'), worker, log: () => undefined });
  client = new Client({ connection: await Connection.connect({ address: stack.temporal.address }) });
  runs = localRunStore(stack.env.GPU_CLOUDS_RUNS);
  // As `gpu-clouds worker` does at its start.
  const reaper = await ensureReaper(client, { fleet: 'dev' });
  const { clouds } = createClouds({ env: stack.env });
  const offers = async () => (await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()))).flat();
  await buildDashboard(join(folder, 'dashboard'));
  server = await startServer({
    client,
    runs,
    fleet: 'dev',
    dashboard: join(folder, 'dashboard'),
    offers: async () => ({ offers: await offers(), notes: [] }),
  });
  adminToken = server.dashboardUrl.split('#token=')[1] ?? '';
  api = createServerClient({ baseUrl: server.url, token: adminToken });

  await setBudget(client, { dollars: 50, per: 'day' }, { fleet: 'dev' });
  const [cheapest] = rankOffers(await offers(), { gpu: 'L40S', spot: 'never' });
  const url = new URL('/_simulator/faults', Object.values(stack.simulators)[0]);
  const fault = { kind: 'out-of-capacity', vendor: cheapest?.vendor, probability: 1 };
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
  await start('hostile', { command: hostile, files: { down: [{ from: 'made', to: 'made' }] } }, 'ada');
  await jobHandle(client, 'hostile').result();
  await fetch(url, { method: 'DELETE' });
  await runs.writeOutput({ run: 'hostile', node: 0, record: 'gpu' }, 0, Buffer.from(gpuSamples()));
  await start('sleeper', { command: 'echo sleeping; sleep 600' });
  const [offer] = rankOffers(await offers(), { gpu: 'L40S' });
  if (offer !== undefined) await leaseInstance(client, { offer, ttl: '1h', name: 'notebook', fleet: 'dev' });
  await reaper.run();
}, 240_000);
afterAll(async () => {
  await server?.close();
  await client?.connection.close();
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(id: string, job: object, owner?: string): Promise<void> {
  const resources = { gpu: 'L40S' };
  const parsed = parseJob(
    JSON.stringify({ name: id, resources, limits: { maxCost: 1, maxDuration: '2h' }, ...job }),
    id,
  );
  const tags: Record<string, string> = owner === undefined ? {} : { owner, team: 'vision' };
  await startJob(client, parsed, { id, fleet: 'dev', runs, tags });
}

function gpuSamples(): string {
  const began = Date.now() - 3_600_000;
  const samples = Array.from({ length: 400 }, (_, index) => ({
    at: new Date(began + index * 9000).toISOString(),
    instanceName: 'gpuc-dev-hostile-0-x',
    gpus: [{ utilization: 60 + 35 * Math.sin(index / 9), memoryUsed: 20_000 + index * 40, memoryTotal: 49_140 }],
  }));
  return samples.map(gpuSampleLine).join('');
}

/** Reads the output as the dashboard does, and stops after some events. */
async function eventsOf(path: string, { headers = {}, atMost = Number.POSITIVE_INFINITY } = {}) {
  const left = new AbortController();
  const answer = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${adminToken}`, ...headers },
    signal: left.signal,
  });
  const events: { readonly text: string; readonly id: string }[] = [];
  let ended = false;
  const parser = createParser({
    onEvent: ({ event, id = '', data }) => {
      if (event === 'end') ended = true;
      else events.push({ id, text: JSON.parse(data) });
    },
  });
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    parser.feed(decoder.decode(piece, { stream: true }));
    if (events.length >= atMost) break;
  }
  left.abort();
  return { events: events.slice(0, atMost), ended, text: events.map(({ text }) => text).join('') };
}

it('a run is listed with its state, instance, cost, and cap, and filtered by state and tag', async () => {
  const { runs: all } = await api.listRuns();
  expect(all.map(({ id }) => id)).toEqual(['sleeper', 'hostile']);
  expect(all[1]).toMatchObject({
    state: 'succeeded',
    maxCost: 1,
    tags: { team: 'vision' },
    exitCode: 0,
    pricePerHour: 0,
  });
  expect(all[1]?.instance).toMatchObject({ gpu: 'L40S', gpuCount: 1 });
  const ids = async (query: Parameters<typeof api.listRuns>[0]) => (await api.listRuns(query)).runs.map(({ id }) => id);
  expect(await ids({ query: { state: 'active' } })).toEqual(['sleeper']);
  expect(await ids({ query: { state: 'succeeded', tag: ['team=vision', 'owner=ada'] } })).toEqual(['hostile']);
  expect(await ids({ query: { tag: 'team=other' } })).toEqual([]);
});

it('the status of an ended run is requested once, and that of a run under way each time', async () => {
  const ended: EndedStatuses = new Map();
  const statuses = async () => {
    const messages: (string | undefined)[] = [];
    for await (const { id, status } of listJobStatuses(client, { ended })) messages.push(`${id}: ${status.message}`);
    return messages;
  };
  expect(await statuses()).toEqual(['sleeper: undefined', 'hostile: undefined']);
  expect([...ended.values()].map(({ id }) => id)).toEqual(['hostile']);
  for (const [execution, status] of ended) ended.set(execution, { ...status, message: 'known' });
  expect(await statuses()).toEqual(['sleeper: undefined', 'hostile: known']);
});

it('a run has its failovers, its phases, and where the time to its start went', async () => {
  const run = await api.getRun({ path: { id: 'hostile' } });
  expect(run.failures[0]).toMatchObject({ kind: 'no-capacity', offer: { gpu: 'L40S' } });
  expect(run.phases.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(['finding-offers', 'booting', 'running']),
  );
  const beforeRunning = run.phases.slice(
    0,
    run.phases.findIndex(({ phase }) => phase === 'running'),
  );
  const seconds = (all: readonly { readonly seconds: number }[]) => all.reduce((sum, each) => sum + each.seconds, 0);
  expect(seconds(run.timeToStart)).toBeCloseTo(seconds(beforeRunning), 3);
  const boot = run.timeToStart.find(({ step }) => step === 'boot')?.seconds ?? 0;
  expect([boot > 0, (run.timeToStart.find(({ step }) => step === 'ssh')?.seconds ?? 0) > 0]).toEqual([true, true]);
  expect(JSON.stringify(run)).not.toContain('mkdir made');
});

it('a run that is under way has the phases so far', async () => {
  await expect
    .poll(async () => (await api.getRun({ path: { id: 'sleeper' } })).phases.at(-1)?.phase, { timeout: 60_000 })
    .toBe('running');
});

it('a token with the scope "run" sees, reads, and stops only the runs that are tagged with its name', async () => {
  const own = createServerClient({ baseUrl: server.url, token: await addToken(runs, 'ada', 'run'), maxRetries: 0 });
  expect((await own.listRuns()).runs.map(({ id }) => id)).toEqual(['hostile']);
  expect(await own.getRun({ path: { id: 'hostile' } })).toMatchObject({ state: 'succeeded' });
  const foreign = { path: { id: 'sleeper' } };
  for (const call of [own.getRun, own.stopRun, own.cancelRun, own.getGpus, own.listArtifacts])
    await expect(call(foreign)).rejects.toMatchObject({ status: 404 });
  const vendorMessage = 'There is no run "nothing" that this token may see.';
  await expect(own.getRun({ path: { id: 'nothing' } })).rejects.toMatchObject({ status: 404, vendorMessage });
  await expect(own.stopRun({ path: { id: 'hostile' } })).rejects.toMatchObject({ status: 409 });
});

it('output continues at the offset of the last event, without a gap or a repetition', async () => {
  const first = await eventsOf('/api/runs/hostile/output', { atMost: 2 });
  const last = first.events.at(-1)?.id ?? '';
  const rest = await eventsOf('/api/runs/hostile/output', { headers: { 'last-event-id': last } });
  const whole = await eventsOf('/api/runs/hostile/output');
  expect(rest.ended).toBe(true);
  expect(`${first.events.map(({ text }) => text).join('')}${rest.text}`).toBe(whole.text);
  expect(whole.text.split('\n')).toHaveLength(lines + 3);
});

it('output begins with the last lines on request', async () => {
  const { text } = await eventsOf('/api/runs/hostile/output?tail=2');
  expect(text).toBe(`${lines} of ${lines} lines\n<img src=x onerror="document.title=1">\n`);
});

it('the output of a run that has not ended stays open', async () => {
  const { events, ended } = await eventsOf('/api/runs/sleeper/output', { atMost: 1 });
  expect([events, ended]).toEqual([[{ id: '9', text: 'sleeping\n' }], false]);
});

it('an artifact is listed and downloaded, and no other file of the machine is', async () => {
  const { artifacts } = await api.listArtifacts({ path: { id: 'hostile' } });
  expect(artifacts).toEqual([{ path: 'made/<b>result.txt', size: 3 }]);
  const download = (path: string) =>
    fetch(`${server.url}/api/runs/hostile/artifact?path=${encodeURIComponent(path)}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    });
  const answer = await download('made/<b>result.txt');
  expect([await answer.text(), answer.headers.get('content-disposition')]).toEqual([
    '42\n',
    "attachment; filename*=UTF-8''%3Cb%3Eresult.txt",
  ]);
  expect((await download('../output.log')).status).toBe(400);
  expect((await download('nothing')).status).toBe(404);
});

it('instances, leases, cost, budget, and reaper add up', async () => {
  const { instances, pricePerHour } = await api.listInstances();
  expect(instances.map(({ owner }) => owner.name).toSorted()).toEqual(['notebook', 'sleeper']);
  expect(pricePerHour).toBeGreaterThan(0);
  expect((await api.listLeases({ query: { active: 'true' } })).leases).toMatchObject([{ name: 'notebook' }]);
  const [byDay, byTag] = await Promise.all([
    api.getCost({ query: { by: 'day' } }),
    api.getCost({ query: { by: 'tag', tag: 'team' } }),
  ]);
  expect(byDay.groups).toMatchObject([{ name: new Date().toISOString().slice(0, 10), runs: 3 }]);
  expect(byTag.groups.map(({ name }) => name).toSorted()).toEqual(['(no tag)', 'vision']);
  expect(byTag.total).toBeCloseTo(byDay.total, 6);
  expect((await api.getBudget()).accounts).toMatchObject([{ account: 'fleet', limit: { dollars: 50, per: 'day' } }]);
  expect(await api.getReaper()).toMatchObject({ scheduled: true, lastRun: { destroyed: [], alarms: [] } });
  expect((await api.getGpus({ path: { id: 'hostile' } })).nodes[0]?.at).toHaveLength(240);
});

it('a batch is listed with its progress, and has its items with their variables, states, and costs', async () => {
  const job = (command: string) =>
    parseJob(JSON.stringify({ name: 'sweep', command, resources: { gpu: 'L40S' }, env: { OWN: 'hidden' } }), 'sweep');
  const items = [{ env: { CODE: '0' } }, { env: { CODE: '3', NOTE: '<b>' } }];
  const [sweep, endless] = [
    await startBatch(client, job('exit $CODE'), items, { id: 'sweep', fleet: 'dev' }),
    await startBatch(client, job('sleep 600'), items, { id: 'endless', fleet: 'dev', window: 1 }),
  ];
  await expect
    .poll(async () => (await api.getBatch({ path: { id: 'endless' } })).items.map(({ state }) => state))
    .toEqual(['running', 'waiting']);
  await sweep.result();
  const { batches } = await api.listBatches();
  const counts = ({ id, state, progress }: (typeof batches)[number]) => [id, state, progress?.done, progress?.failed];
  expect(batches.map(counts)).toEqual([
    ['endless', 'running', 0, 0],
    ['sweep', 'failed', 2, 1],
  ]);
  const shown = await api.getBatch({ path: { id: 'sweep' } });
  expect(shown.items).toMatchObject([
    { id: 'sweep-0', state: 'succeeded', variables: { CODE: '0' }, exitCode: 0 },
    { id: 'sweep-1', state: 'failed', variables: { CODE: '3', NOTE: '<b>' }, exitCode: 3 },
  ]);
  expect(shown.progress.dollars).toBeCloseTo(
    shown.items.reduce((sum, { dollars = 0 }) => sum + dollars, 0),
    6,
  );
  expect(JSON.stringify(shown)).not.toContain('hidden');
  const query = { state: 'failed', limit: 1 } as const;
  expect(await api.getBatch({ path: { id: 'sweep' }, query })).toMatchObject({ matching: 1, items: [{ index: 1 }] });
  await expect(api.getBatch({ path: { id: 'hostile' } })).rejects.toMatchObject({ status: 404 });
  await endless.cancel();
  await expect(endless.result()).rejects.toMatchObject({ kind: 'cancelled' });
  const { items: ended } = await api.getBatch({ path: { id: 'endless' } });
  expect(ended.map(({ state }) => state)).toEqual(['cancelled', 'skipped']);
});

it('the server listens on another address only if there are tokens, and accepts only those', async () => {
  const options = { client, runs, fleet: 'dev', host: '0.0.0.0', offers: async () => ({ offers: [], notes: [] }) };
  await runs.tokens.remove('ada');
  await expect(startServer(options)).rejects.toThrow('gpu-clouds tokens add');
  const token = await addToken(runs, 'screen', 'read');
  const open = await startServer(options);
  const statuses = [token, adminToken].map(async (each) => {
    const headers = { authorization: `Bearer ${each}` };
    return (await fetch(`${open.url.replace('0.0.0.0', '127.0.0.1')}/api/access`, { headers })).status;
  });
  expect([await Promise.all(statuses), open.dashboardUrl]).toEqual([[200, 401], open.url]);
  await open.close();
});

describe.skipIf(chromium === undefined)('in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.url}/`) && !request.url().startsWith('blob:'))
        problems.push(`requests ${request.url()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Screens for a person to look at, if the variable names a folder. */
  const screens = process.env.GPU_CLOUDS_SCREENS;
  const keepScreen = async (name: string) => {
    if (screens === undefined) return;
    mkdirSync(screens, { recursive: true });
    await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true });
  };
  const views = [
    ['light', 1280],
    ['dark', 390],
    ['dark', 1280],
    ['light', 390],
  ] as const;
  const textOf = async (selector: string) => String(await page.$eval(selector, ({ textContent }) => textContent));

  const rightOf = (selector: string) => page.$eval(selector, (found) => found.getBoundingClientRect().right);

  async function visit(path: string, settled: string): Promise<void> {
    await page.goto(`${server.url}${path}#token=${adminToken}`);
    await page.reload();
    await page.waitForSelector(settled);
  }

  it.each([
    ['runs', '/', 'table a[href="/runs/hostile"]'],
    ['run', '/runs/hostile', '.plots svg'],
    ['sleeper', '/runs/sleeper', '.terminal'],
    ['batches', '/batches', 'table a[href="/batches/sweep"]'],
    ['batch', '/batches/sweep', 'table a[href="/runs/sweep-1"]'],
    ['instances', '/instances', 'table'],
    ['offers', '/offers?gpu=L40S', 'table'],
    ['spend', '/spend?tag=team', 'section:nth-of-type(4) table'],
    ['orphans', '/orphans', 'section:nth-of-type(3)'],
  ])(
    'the page of %s has no accessibility violation in light and dark, wide and narrow',
    async (name, path, settled) => {
      for (const [scheme, width] of screens === undefined ? views.slice(0, 2) : views) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.setViewport({ width, height: 900 });
        await visit(path, settled);
        expect(await violationsIn(page)).toEqual([]);
        const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(overflow)).toBe(0);
        if (width === 1280) expect(await rightOf('.updated button')).toBe(await rightOf('.page-header'));
        await keepScreen(`${name}-${scheme}-${width}`);
      }
      expect(problems).toEqual([]);
    },
  );

  it('hostile output runs nothing, and of 100,000 lines the page holds only those that are visible', async () => {
    await page.setViewport({ width: 1280, height: 900 });
    await visit('/runs/hostile', '.terminal .line');
    await page.waitForFunction('document.querySelector(".terminal").textContent.includes("onerror")');
    expect(await textOf('.terminal')).toContain('<img src=x onerror="document.title=1">');
    await page.evaluate(
      '[...document.querySelectorAll("button")].find((one) => one.textContent.includes("beginning")).click()',
    );
    await page.waitForFunction(`document.querySelector(".terminal")?.ariaLabel === "Output, ${lines + 2} lines"`);
    await page.evaluate('document.querySelector(".terminal").scrollTop = 0');
    await page.waitForFunction('document.querySelector(".line")?.textContent.startsWith("red")');
    expect(await textOf('.line')).toBe('red <script>document.title = "owned"</script>');
    expect(await page.$$eval('.line', (all) => all.length)).toBeLessThan(80);
    expect(await page.title()).toBe('hostile · gpu-clouds');
    expect(problems).toEqual([]);
  });

  it('filters are in the address, and the token is not', async () => {
    await visit('/', 'table');
    await page.select('.filters select', 'active');
    await page.waitForFunction('document.querySelectorAll("tbody tr").length === 1');
    expect(page.url()).toBe(`${server.url}/?state=active`);
  });

  it('the pages of a run and of all instances say which account lost all instances at once, and what to check', async () => {
    const { instances } = await api.listInstances();
    const mark = (suspect: boolean) =>
      Promise.all(
        instances.map(({ instanceName }) =>
          client.workflow.getHandle(ownerIdOf(instanceName)).signal(instanceNames.accountSuspect, suspect),
        ),
      );
    await mark(true);
    const sentence = /All instances of \S+ vanished at once \S+ ago, (\S+) among them\. Check/;
    await visit('/runs/sleeper', '.note.bad');
    expect(await textOf('.note.bad')).toMatch(sentence);
    await keepScreen('alarm-of-a-run');
    await page.setViewport({ width: 390, height: 900 });
    await visit('/instances', '.note.bad');
    const named = await page.$$eval('.note.bad', (notes) => notes.map(({ textContent }) => String(textContent)));
    expect(named.map((text) => sentence.exec(text)?.[1]).toSorted()).toEqual(
      instances.map(({ instanceName }) => instanceName).toSorted(),
    );
    await keepScreen('alarms-of-instances');
    expect(await violationsIn(page)).toEqual([]);
    const { leases } = await api.listLeases({ query: { active: 'true' } });
    expect(leases).toMatchObject([{ name: 'notebook', accountSuspectSince: expect.any(String) }]);
    await mark(false);
    await page.setViewport({ width: 1280, height: 900 });
    expect(problems).toEqual([]);
  });

  it('with the keyboard alone, a person finds a run, and stops it only after a second key', async () => {
    const focused = () => page.evaluate('document.activeElement.textContent');
    const tabTo = async (text: string) => {
      for (let keys = 0; keys < 50 && (await focused()) !== text; keys += 1) await page.keyboard.press('Tab');
      expect(await focused()).toBe(text);
    };
    await visit('/', 'table a[href="/runs/sleeper"]');
    await tabTo('sleeper');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.page-header .danger');
    await tabTo('Stop');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    expect(await violationsIn(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForFunction('document.querySelector("dialog[open]") === null');
    expect((await api.getRun({ path: { id: 'sleeper' } })).ended).toBe(false);
    // The focus is back on the button that opened the question.
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction('document.querySelector(".chip")?.textContent === "stopped"', { timeout: 60_000 });
    expect(problems).toEqual([]);
  });

  it('an unknown token is refused with a form for another one', async () => {
    await page.goto(`${server.url}/#token=wrong`);
    await page.reload();
    await page.waitForSelector('.note.bad');
    expect(await textOf('.note.bad')).toContain('gpu-clouds dashboard');
    expect(await violationsIn(page)).toEqual([]);
  });
});
