import type { InstanceShare } from '@gpu-clouds/jobs/contract';
import { quoteForShell } from './shell.ts';

/** An instance, or the part of it that a run on a lease may use. */
export interface Shared {
  readonly instanceName: string;
  readonly share?: InstanceShare | undefined;
}

/** Returns the name of the folder below `~/.gpu-clouds` that has the steps of a run, and of its container. */
export function placeOf({ instanceName, share }: Shared): string {
  return share?.folder ?? instanceName;
}

/** Returns where relative paths of a job lead to: the user's home, or the folder of a run that shares the instance with others. */
export function pathFor({ share }: Shared, path: string): string {
  return share === undefined || /^(\/|~\/)/.test(path) ? path : `${workFolder(share)}/${path}`;
}

/** Returns the script that goes where the scripts of a run begin. */
export function enter({ share }: Shared): string {
  if (share === undefined) return 'cd "$HOME"';
  const folder = `"$HOME"/${quoteForShell(workFolder(share))}`;
  return `mkdir -p ${folder} && cd ${folder}`;
}

/**
 * Returns variables that show a script only its GPUs, in the order of `nvidia-smi`:
 * https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html.
 */
export function gpuVariables({ share }: Shared): readonly (readonly [name: string, value: string])[] {
  if (share === undefined) return [];
  return [
    ['CUDA_DEVICE_ORDER', 'PCI_BUS_ID'],
    ['CUDA_VISIBLE_DEVICES', share.gpus.join(',')],
  ];
}

function workFolder({ folder }: InstanceShare): string {
  return `.gpu-clouds/${folder}/work`;
}
