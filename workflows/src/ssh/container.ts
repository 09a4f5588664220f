import type { InstanceContainer } from '@gpu-clouds/jobs/contract';
import { preparationCodes } from './preparation-codes.ts';
import { enter, placeOf, type Shared } from './share.ts';
import { quoteForShell } from './shell.ts';
import { terminalPrelude } from './terminal.ts';

/** Beside the folders of the steps: how the runtime is called, which may have two words (`sudo -n docker`). */
export const runtimeFile = 'runtime';
/** In the folder of a step: the process group of its script, as the container counts. */
export const groupFile = 'inside';

/** Prefix of scripts that use the container. `$r` is the runtime and `$c` the container; a run has one on an instance. */
function useContainer(place: string): string {
  return `c=${quoteForShell(containerName(place))}
r=$(cat "$HOME"/.gpu-clouds/${quoteForShell(place)}/${runtimeFile})`;
}

function containerName(place: string): string {
  return `gpu-clouds-${place}`;
}

/**
 * Runs a script inside the container. It holds environment and secrets, so it comes in a file that only the user can read and that deletes
 * itself first, like the script around it: nothing of it is in an argument or in what the runtime shows of the container.
 * @param hasTerminal Whether the runtime gives it a terminal.
 */
export function insideContainer(shared: Shared, script: string, hasTerminal = false): string {
  const inner = `
read -r stat < /proc/$$/stat; stat=\${stat##*) }; stat=\${stat#* * }
echo "\${stat%% *}" > "\${0%/*}/${groupFile}"
rm -f "$0"
${enter(shared)}
export PYTHONUNBUFFERED="\${PYTHONUNBUFFERED-1}"${hasTerminal ? terminalPrelude : ''}
${script}
`;
  return `${useContainer(placeOf(shared))}
f="\${0%/*}/inner"
( mask=$(umask); umask 077; { echo "umask $mask"; printf '%s' ${quoteForShell(inner)}; } > "$f" )
exec $r exec ${hasTerminal ? '--tty ' : ''}"$c" sh -c ${quoteForShell(innerShell)} "$f"`;
}

const innerShell = 'if command -v bash >/dev/null 2>&1; then exec bash -eo pipefail "$0"; else exec sh -e "$0"; fi';

/**
 * Sends a signal to the script in the container and all that is in its process group. The runtime's client would not pass it on: neither
 * `docker exec` nor `podman exec` does. `$d` is the folder of the step.
 */
export function signalInside(place: string, signal: 'TERM' | 'KILL'): string {
  return `${useContainer(place)}
$r exec "$c" sh -c 'kill -${signal} "-$0"' "$(cat "$d/${groupFile}")" </dev/null >/dev/null 2>&1`;
}

/** Ends all that runs in the container. */
export function removeContainer(place: string): string {
  return `${useContainer(place)}
timeout 60 $r rm -f "$c" </dev/null >/dev/null 2>&1`;
}

/**
 * Finds or installs a runtime that can use the GPUs, pulls the image, and starts a container that waits. May be repeated: a container that
 * runs is kept. Its name and the runtime are all that later scripts need.
 */
export function preparation(shared: Shared, { image, registryAuth }: InstanceContainer): string {
  const reference = withRegistry(image);
  const [registry = ''] = reference.split('/');
  return `
c=${quoteForShell(containerName(placeOf(shared)))}
image=${quoteForShell(reference)}
auth=
${registryAuth === undefined ? '' : `auth=$${registryAuth}; unset ${registryAuth}`}
give_up() { code=$1; shift; echo "$*" >&2; exit "$code"; }
${findRuntime}
${findGpus}
echo "$r" > "\${0%/*}/../${runtimeFile}"
if [ "$($r container inspect -f '{{.State.Running}}' "$c" 2>/dev/null)" = true ]; then exit 0; fi
$r rm -f "$c" >/dev/null 2>&1 || true
${pull(registry)}
${start(shared)}`;
}

/** As Docker resolves names. Podman would look in the registries that the instance is configured for, or refuse. */
function withRegistry(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return image;
  return `docker.io/${rest.length === 0 ? 'library/' : ''}${image}`;
}

/** The image's driver is there, or the GPUs were not shown: only the runtime may be missing. Docker first, which the vendors' images have. */
const findRuntime = `
root=
if [ "$(id -u)" != 0 ]; then sudo -n true 2>/dev/null && root='sudo -n' || root=none; fi
find_runtime() {
  r=
  if docker info >/dev/null 2>&1; then r=docker
  elif [ "$root" = 'sudo -n' ] && sudo -n docker info >/dev/null 2>&1; then r='sudo -n docker'
  elif podman info >/dev/null 2>&1; then r=podman
  fi
  [ -n "$r" ]
}
has() { command -v "$1" >/dev/null 2>&1; }
${installation()}
if ! find_runtime; then
  [ "$root" != none ] || give_up ${preparationCodes.noRuntime} 'There is no Docker and no Podman, and sudo needs a password to install one.'
  echo 'Installing a container runtime.'
  install_runtime >&2 && find_runtime || give_up ${preparationCodes.noRuntime} 'There is no Docker and no Podman, and none could be installed.'
fi
case $r in *docker) kind=docker ;; *) kind=podman ;; esac`;

/**
 * The steps of https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html and, for Podman,
 * https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/cdi-support.html. Docker comes from the distribution: NVIDIA
 * asks for Podman 4.1, which not every Ubuntu has.
 */
function installation(): string {
  const source = 'https://nvidia.github.io/libnvidia-container';
  const keyring = '/usr/share/keyrings/nvidia-container-toolkit-keyring.gpg';
  const fetch = 'curl -fsSL --max-time 60';
  return `
as_root() { if [ -z "$root" ]; then timeout 600 "$@"; else timeout 600 sudo -n "$@"; fi; }
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }
install_runtime() {
  if has apt-get; then apt update && apt install docker.io
  elif has dnf; then as_root dnf -q -y install podman
  else echo 'There is neither apt-get nor dnf.'; return 1
  fi
}
install_toolkit() {
  if has apt-get; then
    apt update && apt install curl gnupg ca-certificates || return 1
    ${fetch} ${source}/gpgkey | as_root gpg --batch --yes --dearmor -o ${keyring} || return 1
    ${fetch} ${source}/stable/deb/nvidia-container-toolkit.list | sed 's#deb https://#deb [signed-by=${keyring}] https://#g' |
      as_root tee /etc/apt/sources.list.d/nvidia-container-toolkit.list >/dev/null || return 1
    apt update && apt install nvidia-container-toolkit
  elif has dnf; then
    ${fetch} ${source}/stable/rpm/nvidia-container-toolkit.repo | as_root tee /etc/yum.repos.d/nvidia-container-toolkit.repo >/dev/null &&
      as_root dnf -q -y install nvidia-container-toolkit
  else echo 'There is neither apt-get nor dnf.'; return 1
  fi
}
configure_toolkit() {
  if [ "$kind" = podman ]; then as_root nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml
  else as_root nvidia-ctk runtime configure --runtime=docker && as_root systemctl restart docker
  fi
}`;
}

/** A daemon that is configured but was not restarted cannot start the container, so that is tried later with the image. */
const findGpus = `
ready() {
  if [ "$kind" = podman ]; then has nvidia-ctk && nvidia-ctk cdi list 2>/dev/null | grep nvidia.com/gpu >/dev/null
  else has nvidia-container-runtime-hook || $r info 2>/dev/null | grep 'Runtimes:.* nvidia' >/dev/null
  fi
}
if ! ready; then
  [ "$root" != none ] || give_up ${preparationCodes.noGpus} "$r cannot use the GPUs, and sudo needs a password to install NVIDIA's container toolkit."
  has nvidia-ctk || { echo "Installing NVIDIA's container toolkit."; install_toolkit >&2; } || true
  configure_toolkit >&2 && ready || give_up ${preparationCodes.noGpus} "$r cannot use the GPUs, and NVIDIA's container toolkit could not be installed."
fi`;

/** The credentials are in a folder of their own, only as long as they are needed, and never an argument. */
function pull(registry: string): string {
  return `
if ! $r image inspect "$image" >/dev/null 2>&1; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 143' HUP INT TERM
  in_registry() {
    verb=$1; shift
    if [ "$kind" = docker ]; then timeout 1800 $r --config "$folder" "$verb" "$@"
    else timeout 1800 $r "$verb" --authfile "$folder/auth.json" "$@"
    fi
  }
  if [ -n "$auth" ]; then
    printf %s "\${auth#*:}" | in_registry login --username "\${auth%%:*}" --password-stdin ${quoteForShell(registry)} >/dev/null ||
      give_up ${preparationCodes.loginRefused} 'The registry refused the credentials of container.registryAuth.'
  fi
  auth=
  echo "Pulling $image."
  for pause in 5 20 end; do
    if in_registry pull --quiet "$image" 2>"$folder/refusal" >/dev/null; then break; fi
    cat "$folder/refusal" >&2
    ! grep -Ei 'not found|unknown|denied|unauthorized|no basic auth' "$folder/refusal" >/dev/null || pause=end
    [ $pause != end ] || give_up ${preparationCodes.pullFailed} "$image could not be pulled."
    sleep $pause
  done
  rm -rf "$folder"
fi`;
}

/**
 * Starts the container with what PyTorch needs for its workers and NCCL: the host's shared memory, network, and unlimited locked memory
 * (https://docs.nvidia.com/deeplearning/frameworks/user-guide/index.html). Files that it writes belong to the SSH user.
 */
const start = ({ share }: Shared) => `
set -- --detach --name "$c" --network host --ipc host --security-opt label=disable
set -- "$@" --volume "$HOME:$HOME" --workdir "$HOME" --env "HOME=$HOME" --env "USER=$(id -un)" --env "LOGNAME=$(id -un)"
rootless=$($r info 2>/dev/null | grep -Ei 'rootless(: true)?$' >/dev/null && echo yes || echo no)
[ $rootless = yes ] || set -- "$@" --ulimit memlock=-1 --ulimit stack=67108864
if [ "$kind" = podman ]; then set -- "$@" ${(share?.gpus ?? ['all']).map((gpu) => `--device nvidia.com/gpu=${gpu}`).join(' ')}
else set -- "$@" --gpus ${share === undefined ? 'all' : `'"device=${share.gpus.join(',')}"'`}
fi
if [ $rootless = no ]; then set -- "$@" --user "$(id -u):$(id -g)"
elif [ "$kind" = podman ]; then set -- "$@" --userns keep-id
fi
$r run "$@" --entrypoint sh "$image" -c 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done' >/dev/null || {
  case $? in
    126 | 127) give_up ${preparationCodes.startFailed} "$image has no sh." ;;
    *) give_up ${preparationCodes.noGpus} "$r could not start a container with ${share === undefined ? 'all GPUs' : `the GPUs ${share.gpus.join(', ')}`}." ;;
  esac
}
$r exec "$c" nvidia-smi -L || give_up ${preparationCodes.noGpus} 'The container does not show the GPUs.'`;
