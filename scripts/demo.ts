// pnpm demo [--kill-worker]: runs an example job end to end on this machine, with simulated clouds. No account needed.
import { parseArgs } from 'node:util';
import { demo } from '@gpu-clouds/e2e/demo';

const usage =
  'Usage: pnpm demo [--kill-worker]\n  --kill-worker  kill the worker with SIGKILL while the command runs, and start another one';

function readArguments(): { killWorker: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { 'kill-worker': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) console.log(usage);
    else return { killWorker: values['kill-worker'] };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message.split('.')[0] : error}.\n${usage}`);
    process.exitCode = 2;
  }
  return undefined;
}

const options = readArguments();
if (options !== undefined) {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  try {
    process.exitCode = await demo({ ...options, signal: interrupted.signal });
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
