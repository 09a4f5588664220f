import type { InstanceShare } from '@gpu-clouds/jobs/contract';
import { folderOf, type RemoteStep } from './remote-step.ts';
import { type SshSession, SshSilenceError } from './ssh-session.ts';

/** What an instance has to show before anything runs on it. */
export interface ExpectedGpus {
  readonly count: number;
  /** Whether its image is one that we chose, which has the driver. Another may get it in the setup. */
  readonly hasDriver: boolean;
}

/** GPUs of the instance are missing or broken. */
export class GpuError extends Error {
  override readonly name = 'GpuError';
}

/** The GPUs of others may be broken. @throws GpuError */
function checkShare(share: InstanceShare, gpus: readonly string[], problem: string): void {
  const missing = share.gpus.filter((index) => !gpus.some((line) => line.startsWith(`GPU ${index}: `)));
  if (missing.length === 0) return;
  throw new GpuError(`nvidia-smi does not show GPU ${missing.join(', ')} of the run. ${problem}`.trim());
}

/** Milliseconds. With eight GPUs and a driver that has to be loaded first it takes about ten seconds; a broken one may hang for ever. */
const defaultSilenceMs = 90_000;

/**
 * Checks that `nvidia-smi` shows all GPUs, unless the step has started: one that fails later is for the step to notice.
 * @throws GpuError
 */
export async function checkGpus(
  session: SshSession,
  step: RemoteStep,
  { count, hasDriver }: ExpectedGpus,
  silenceMs = defaultSilenceMs,
): Promise<void> {
  const script = `
[ -d ${folderOf(step)}/started ] && { echo started; exit 0; }
command -v nvidia-smi >/dev/null 2>&1 || { echo missing; exit 0; }
echo listed
nvidia-smi -L 2>&1 || echo "nvidia-smi ended with exit code $?."`;
  const { stdout } = await session.exec(script, { silenceMs }).catch((error: unknown) => {
    if (!(error instanceof SshSilenceError)) throw error;
    throw new GpuError(`nvidia-smi did not answer for ${silenceMs / 1000} s.`, { cause: error });
  });
  const [state, ...lines] = stdout.trimEnd().split('\n');
  if (state === 'started' || (state === 'missing' && !hasDriver)) return;
  if (state === 'missing') throw new GpuError('The image has no nvidia-smi.');
  // MIG devices are listed below their GPU, indented.
  const gpus = lines.filter((line) => /^GPU \d+: .*\(UUID: /.test(line));
  const problem = lines.find((line) => !gpus.includes(line) && !/^\s/.test(line)) ?? '';
  if (step.share !== undefined) return checkShare(step.share, gpus, problem);
  if (gpus.length >= count && problem === '') return;
  throw new GpuError(`nvidia-smi shows ${gpus.length} of ${count} GPUs. ${problem}`.trim());
}
