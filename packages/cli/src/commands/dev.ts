import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '@gpu-clouds/dev';
import { CliError } from '../cli-error.ts';
import { claimFolder, type DevRecord } from '../dev-record.ts';
import { loadOptional } from '../optional-package.ts';
import { home, makeHome } from '../settings.ts';
import { shellWord } from '../shell-word.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface DevOptions {
  readonly port?: number | undefined;
  readonly seed?: number | undefined;
  readonly ui: boolean;
  readonly json?: boolean | undefined;
}

/** `.ts` in a checkout, `.js` in the published package. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const ownBin = fileURLToPath(new URL(`../bin.${extension}`, import.meta.url));

/** Runs Temporal, four simulated clouds, and a worker on this machine until the signal of the terminal aborts. */
export async function dev(options: DevOptions, terminal: Terminal): Promise<void> {
  // The worker process needs this package. Without this check only its own log would report that it is missing.
  await loadOptional('@gpu-clouds/workflows', async () => import.meta.resolve('@gpu-clouds/workflows'));
  await makeHome(terminal);
  const record = await claimFolder(resolve(home(terminal)));
  try {
    await serve(options, record, terminal);
  } finally {
    await record.release();
  }
}

async function serve(options: DevOptions, record: DevRecord, terminal: Terminal): Promise<void> {
  const stack = await startStack({
    env: terminal.env,
    // Absolute, so that dev.env works in any folder.
    home: resolve(home(terminal)),
    worker: [process.execPath, ...process.execArgv, ownBin, 'worker', '--json'],
    log: terminal.note,
    ui: options.ui,
    port: options.port,
    seed: options.seed,
  });
  try {
    const settingsFile = await record.publish(stack.env, stack.temporal.uiUrl);
    await withDashboard(stack, terminal, async (dashboardUrl) => {
      show(options, { stack, settingsFile, dashboardUrl }, terminal);
      await untilStopped(stack, terminal);
    });
  } finally {
    await stack.close();
  }
}

/** Serves the dashboard of the stack while `work` is done, if its package is installed. */
async function withDashboard(
  { env, temporal: { uiUrl: temporalUi } }: Stack,
  terminal: Terminal,
  work: (url: string | undefined) => Promise<void>,
): Promise<void> {
  const load = () => loadOptional('@gpu-clouds/server', () => import('./dashboard.ts'));
  const loaded = await load().catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    terminal.note('There is no dashboard. Install it with "npm install @gpu-clouds/server".');
  });
  if (loaded === undefined) return work(undefined);
  const settings = { ...terminal, env: { ...terminal.env, ...env } };
  await withTemporal(settings, async (client) => {
    const server = await loaded.startDashboard(client, { host: '127.0.0.1', temporalUi }, settings);
    try {
      await work(server.dashboardUrl);
    } finally {
      await server.close();
    }
  });
}

interface Started {
  readonly stack: Stack;
  readonly settingsFile: string;
  readonly dashboardUrl: string | undefined;
}

function show({ json }: DevOptions, { stack, settingsFile, dashboardUrl }: Started, terminal: Terminal): void {
  const { env, simulators, temporal } = stack;
  const { uiUrl } = temporal;
  if (json) {
    terminal.out(JSON.stringify({ env, simulators, uiUrl, dashboardUrl, settingsFile }));
    return;
  }
  terminal.out(`Temporal ${temporal.address}${uiUrl === undefined ? '' : `, web interface ${uiUrl}`}`);
  for (const [vendor, baseUrl] of Object.entries(simulators)) terminal.out(`${vendor} (simulated) ${baseUrl}`);
  if (dashboardUrl !== undefined) terminal.out(`dashboard\n${dashboardUrl}`);
  terminal.out('Nothing is billed. In another terminal:');
  terminal.out(`  export GPU_CLOUDS_SETTINGS=${shellWord(settingsFile)}`);
  terminal.out('  gpu-clouds offers');
  terminal.note('Press Ctrl-C to stop.');
}

async function untilStopped({ worker }: Stack, { signal, note }: Terminal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      worker.exited.then(() => resolve());
    });
  }
  if (!signal.aborted) note('gpu-clouds: The worker exited unexpectedly. Stopping Temporal and the simulated clouds.');
}
