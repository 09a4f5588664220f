import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleEntry } from './bundle-entry.ts';
import { listenOnLoopback, startCorsProxy, text } from './cors-proxy.ts';
import type { SmokeSetting } from './program.ts';
import type { Runtime } from './runtime.ts';

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Milliseconds after which a silent page counts as failed. */
const patience = 60_000;

interface PageOutcome {
  readonly passed?: readonly string[];
  readonly failure?: string;
}

/** A page in Chromium, if Chromium is installed. */
export const chromium: Runtime = async ({ project }, setting) => {
  const found = commands.map((command) => ({ command, version: versionOf(command) })).find(({ version }) => version);
  if (found?.version === undefined) return { skipped: 'there is no Chromium here; apt-get install chromium' };
  const script = await bundleEntry(project.folder, 'entry-page.ts', []);
  const verda = await startCorsProxy(setting.verda.baseUrl);
  const gpuAi = await startCorsProxy(setting.gpuAi.baseUrl);
  const serviceWorker = readFileSync(join(project.folder, 'node_modules/msw/lib/mockServiceWorker.js'), 'utf8');
  const page = servePage(script, serviceWorker, {
    verda: { ...setting.verda, baseUrl: verda.baseUrl },
    gpuAi: { ...setting.gpuAi, baseUrl: gpuAi.baseUrl },
  });
  try {
    const url = `http://127.0.0.1:${await listenOnLoopback(page.server)}/`;
    const { passed, failure } = await visit(found.command, url, page.outcome);
    if (passed === undefined) throw new Error(failure ?? 'the page reported nothing');
    return { version: found.version, passed };
  } finally {
    for (const server of [verda.server, gpuAi.server, page.server]) {
      server.close();
      server.closeAllConnections();
    }
  }
};

function versionOf(command: string): string | undefined {
  return spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.match(/\d+(\.\d+)+/)?.[0];
}

/** Opens the page, waits for its outcome, and closes the browser. */
async function visit(command: string, url: string, outcome: Promise<PageOutcome>): Promise<PageOutcome> {
  const profile = mkdtempSync(join(tmpdir(), 'gpu-clouds-chromium-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = [
    '--headless=new',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    `--user-data-dir=${profile}`,
  ];
  const browser = spawn(command, [...flags, ...sandbox, url], { stdio: 'ignore' });
  const exit = once(browser, 'exit');
  const gone = exit.then(([code]) => ({ failure: `${command} ended with ${code} before the page was done` }));
  const late = new AbortController();
  const silence = once(AbortSignal.any([late.signal, AbortSignal.timeout(patience)]), 'abort');
  const silent = silence.then(() => ({ failure: `the page said nothing for ${patience / 1000} s` }));
  try {
    return await Promise.race([outcome, gone, silent]);
  } finally {
    late.abort();
    browser.kill('SIGKILL');
    await exit;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Serves the page and its settings, and receives the outcome. */
function servePage(
  script: string,
  serviceWorker: string,
  setting: SmokeSetting,
): { server: Server; outcome: Promise<PageOutcome> } {
  const posted = new EventEmitter();
  const outcome = once(posted, 'outcome').then(([said]): PageOutcome => said);
  const pages: Readonly<Record<string, readonly [string, string]>> = {
    '/': ['text/html', '<!doctype html><meta charset="utf-8"><script type="module" src="/script.js"></script>'],
    '/script.js': ['text/javascript', script],
    '/mockServiceWorker.js': ['text/javascript', serviceWorker],
    '/setting': ['application/json', JSON.stringify(setting)],
  };
  const server = createServer(async (request, response) => {
    if (request.url === '/outcome') posted.emit('outcome', JSON.parse(await text(request)));
    const [type, body] = pages[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  return { server, outcome };
}
