import { instanceProcesses } from './use-programs.ts';

/** The GPUs of an instance. */
export interface InstanceGpu {
  /** Name that `nvidia-smi` prints after `NVIDIA`, for example `H100 SXM5 80GB`. */
  readonly name: string;
  readonly count: number;
  /** Memory of one GPU in GiB. */
  readonly memory: number;
}

/** What GPUs do, unless a file `~/.gpu-load` of the instance says otherwise: utilization while something else than the caller runs, and without. */
const defaultLoad = { busy: 93, idle: 0, temperature: 64 };

/**
 * Returns a shell script that imitates `nvidia-smi`: the table, `-L`, and `--query-gpu` with `name`, `memory.total`, `memory.used`,
 * `utilization.gpu`, and `temperature.gpu`. The file `~/.gpu-load` sets the latter three, in this order, with one line per GPU: `40960 93 64`.
 */
export function nvidiaSmi(gpu: InstanceGpu): string {
  const name = `NVIDIA ${gpu.name}`;
  const mebibytes = gpu.memory * 1024;
  const each = Array.from({ length: gpu.count }, (_, index) => index);
  const rows = each.map((index) => `|  ${index}  ${name.padEnd(36)} | ${`0MiB / ${mebibytes}MiB`.padStart(22)} |`);
  return `#!/bin/sh
# A simulated GPU.
${instanceProcesses}
query=
for argument in "$@"; do
  case "$argument" in --query-gpu=*) query=$(echo "\${argument#*=}" | tr , ' ') ;; esac
done
print() {
  line=
  for field in $query; do line="$line\${line:+, }$("$1" "$field")"; done
  echo "$line"
}
title() {
  case "$1" in memory.*) echo "$1 [MiB]" ;; utilization.*) echo "$1 [%]" ;; *) echo "$1" ;; esac
}
value() {
  case "$1" in
    name) echo '${name}' ;;
    memory.total) echo "${mebibytes}$mib" ;;
    memory.used) echo "$used$mib" ;;
    utilization.gpu) echo "$busy$percent" ;;
    temperature.gpu) echo "$warm" ;;
    *) echo '[N/A]' ;;
  esac
}
case "$*" in
  *-L*|*--list-gpus*)
${each.map((index) => `    echo 'GPU ${index}: ${name} (UUID: GPU-00000000-0000-4000-8000-${String(index).padStart(12, '0')})'`).join('\n')}
    ;;
  *--query-gpu*)
    mib=' MiB' percent=' %'
    case "$*" in *nounits*) mib='' percent='' ;; esac
    case "$*" in *noheader*) ;; *) print title ;; esac
    if in_use; then load=${defaultLoad.busy}; else load=${defaultLoad.idle}; fi
    for gpu in ${each.map((index) => index + 1).join(' ')}; do
      read -r used busy warm <<LOAD
$(sed -n "$gpu p" "$HOME/.gpu-load" 2>/dev/null)
LOAD
      : "\${used:=${Math.round(mebibytes / 2)}}" "\${busy:=$load}" "\${warm:=${defaultLoad.temperature}}"
      print value
    done
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
