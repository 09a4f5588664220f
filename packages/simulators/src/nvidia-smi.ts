/** The GPUs of an instance. */
export interface InstanceGpu {
  /** Name that `nvidia-smi` prints after `NVIDIA`, for example `H100 SXM5 80GB`. */
  readonly name: string;
  readonly count: number;
  /** Memory of one GPU in GiB. */
  readonly memory: number;
}

/** Returns a shell script that imitates `nvidia-smi`: the table, `-L`, and `--query-gpu=name,memory.total`. */
export function nvidiaSmi(gpu: InstanceGpu): string {
  const name = `NVIDIA ${gpu.name}`;
  const mebibytes = gpu.memory * 1024;
  const each = Array.from({ length: gpu.count }, (_, index) => index);
  const rows = each.map((index) => `|  ${index}  ${name.padEnd(36)} | ${`0MiB / ${mebibytes}MiB`.padStart(22)} |`);
  return `#!/bin/sh
# A simulated GPU.
unit=' MiB'
case "$*" in *nounits*) unit='' ;; esac
header='name, memory.total [MiB]'
case "$*" in
  *-L*|*--list-gpus*)
${each.map((index) => `    echo 'GPU ${index}: ${name} (UUID: GPU-00000000-0000-4000-8000-${String(index).padStart(12, '0')})'`).join('\n')}
    ;;
  *--query-gpu*)
    case "$*" in *noheader*) ;; *) echo "$header" ;; esac
    case "$*" in
      *name,memory.total*)
${each.map(() => `        echo "${name}, ${mebibytes}$unit"`).join('\n')}
        ;;
      *memory.total*)
${each.map(() => `        echo "${mebibytes}$unit"`).join('\n')}
        ;;
      *)
${each.map(() => `        echo '${name}'`).join('\n')}
        ;;
    esac
    ;;
  *)
    echo '+-----------------------------------------------------------------------+'
    echo '| NVIDIA-SMI (simulated)            Driver Version: 570.0   CUDA: 12.8  |'
    echo '+-----------------------------------------------------------------------+'
${rows.map((row) => `    echo '${row}'`).join('\n')}
    echo '+-----------------------------------------------------------------------+'
    ;;
esac
`;
}
