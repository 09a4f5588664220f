import { join } from 'node:path';
import type { EmptyProject } from './empty-project.ts';
import { everyClientFile } from './every-client.ts';
import { startSimulatorProcess } from './simulator-process.ts';
import type { Verdict } from './verdict.ts';

/** Runs the project's programs, those of `consumer/` and {@link everyClientFile}, against the simulators that are installed there. */
export async function runPrograms({ run, folder }: EmptyProject): Promise<Verdict> {
  const simulators = await startSimulatorProcess([join(folder, 'node_modules/.bin/gpu-clouds-simulators')]);
  try {
    await run('node', [everyClientFile], simulators.env);
    await run('node', ['clients.ts'], simulators.env);
    await run('node', ['mocks.ts']);
    await run('node', ['extras.ts'], simulators.env);
    const [offers = ''] = (await run('node', ['durable.ts'], simulators.env)).split('\n');
    const help = await run('gpu-clouds', ['--help']);
    const ok = help.includes('Usage: gpu-clouds') && !offers.includes('"offers":0');
    return {
      ok,
      text: ok
        ? 'all clients and their extras, clouds, workflows, codec, plugin, gpu-clouds --help'
        : `${offers}\n${help}`,
    };
  } finally {
    await simulators.stop();
  }
}
