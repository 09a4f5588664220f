import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '@gpu-clouds/dev';
import { claimFolder, type DevRecord } from '../dev-record.ts';
import { loadOptional } from '../optional-package.ts';
import { home, makeHome } from '../settings.ts';
import { shellWord } from '../shell-word.ts';
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
    if (options.json) {
      terminal.out(
        JSON.stringify({ env: stack.env, simulators: stack.simulators, uiUrl: stack.temporal.uiUrl, settingsFile }),
      );
    } else {
      terminal.out(
        `Temporal ${stack.temporal.address}${stack.temporal.uiUrl === undefined ? '' : `, web interface ${stack.temporal.uiUrl}`}`,
      );
      for (const [vendor, baseUrl] of Object.entries(stack.simulators))
        terminal.out(`${vendor} (simulated) ${baseUrl}`);
      terminal.out('Nothing is billed. In another terminal:');
      terminal.out(`  export GPU_CLOUDS_SETTINGS=${shellWord(settingsFile)}`);
      terminal.out('  gpu-clouds offers');
      terminal.note('Press Ctrl-C to stop.');
    }
    if (!terminal.signal.aborted) {
      await new Promise<void>((resolve) => {
        terminal.signal.addEventListener('abort', () => resolve(), { once: true });
        stack.worker.exited.then(() => resolve());
      });
    }
    if (!terminal.signal.aborted)
      terminal.note('gpu-clouds: The worker exited unexpectedly. Stopping Temporal and the simulated clouds.');
  } finally {
    await stack.close();
  }
}
