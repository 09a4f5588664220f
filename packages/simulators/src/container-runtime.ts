/** Programs of an instance, by name. */
export type Programs = Readonly<Record<string, string>>;

/** Registry that wants a login. The password `wrong` is refused. */
const privateRegistry = 'registry.private.example';

/**
 * Returns a script that imitates Docker with NVIDIA's runtime. What it runs are processes of the instance, without the environment around
 * them and in a process group of their own, and a signal to the client does not reach them, as with `docker exec`. Each call is noted in
 * `containers/calls.log`, and each login in `containers/logins`: its registry and the SHA-256 of `user:password`. Images whose name contains
 * `missing` cannot be pulled.
 */
function docker(marker: string): string {
  return `#!/bin/sh
# A simulated Docker.
state=$(dirname "$(dirname "$0")")/containers
mkdir -p "$state"
printf 'docker %s\\n' "$*" >> "$state/calls.log"
config=none
if [ "$1" = --config ]; then config=$2; shift 2; fi
verb=$1; shift
fail() { code=$1; shift; echo "docker: $*" >&2; exit "$code"; }
case $verb in
  info) echo ' Runtimes: io.containerd.runc.v2 nvidia runc' ;;
  image) grep -qxF "$2" "$state/images" 2>/dev/null ;;
  container) [ -f "$state/$4" ] && echo true ;;
  login)
    for registry; do :; done
    password=$(cat)
    if [ "$password" = wrong ]; then fail 1 'Error response from daemon: unauthorized: authentication required'; fi
    printf '%s %s\\n' "$registry" "$(printf '%s:%s' "$2" "$password" | sha256sum | cut -c 1-64)" >> "$state/logins"
    echo '{}' > "$config/config.json" ;;
  pull)
    for image; do :; done
    case $image in
      *missing*) fail 1 "Error response from daemon: manifest for $image not found: manifest unknown" ;;
      ${privateRegistry}/*) [ -f "$config/config.json" ] || fail 1 'Error response from daemon: no basic auth credentials' ;;
    esac
    echo "$image" >> "$state/images" ;;
  run)
    : > "$state/new"
    while [ $# -gt 0 ]; do
      case $1 in
        --detach) shift; continue ;;
        --name) name=$2 ;;
        --workdir) echo "$2" > "$state/$name.folder" ;;
        --env) printf '%s\\n' "$2" >> "$state/new" ;;
        --*) ;;
        *) break ;;
      esac
      shift 2
    done
    grep -qxF "$1" "$state/images" || fail 125 "Unable to find image $1 locally."
    [ ! -f "$state/$name" ] || fail 125 "Conflict. The container name $name is already in use."
    mv "$state/new" "$state/$name"
    echo "$name" ;;
  exec)
    terminal=
    if [ "$1" = --tty ]; then terminal=1; shift; fi
    name=$1; shift
    [ -f "$state/$name" ] || fail 1 "Error response from daemon: No such container: $name"
    cd "$(cat "$state/$name.folder")" || exit 126
    while IFS= read -r variable; do set -- "$variable" "$@"; done < "$state/$name"
    set -- env -i "PATH=$PATH" "${marker}=$${marker}" "$@"
    own=; if command -v setsid >/dev/null 2>&1; then own=setsid; fi
    set -- sh -c 'echo $$ >> "$0"; exec "$@"' "$state/$name.groups" "$@"
    if [ -z "$terminal" ]; then $own "$@"; exit; fi
    words=
    for word; do words="$words '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"; done
    SHELL=/bin/sh script -qec "exec$words" /dev/null ;;
  rm)
    [ -f "$state/$2" ] || exit 0
    while read -r group; do
      if tr '\\0' '\\n' 2>/dev/null < "/proc/$group/environ" | grep -qxF "${marker}=$${marker}"; then kill -KILL "-$group"; fi
    done < "$state/$2.groups"
    rm -f "$state/$2" "$state/$2".* ;;
  *) fail 1 "'$verb' is not simulated." ;;
esac
`;
}

const absent = (name: string) => `#!/bin/sh\necho '${name}: not found' >&2\nexit 127\n`;

/** Nothing is installed on the computer that runs the simulators. */
const noPackages = '#!/bin/sh\necho "E: Could not connect to any mirror." >&2\nexit 100\n';

/** Returns the container runtime of an instance, or what is there without one. */
export function containerPrograms(marker: string, missing: boolean): Programs {
  if (!missing) return { docker: docker(marker) };
  const [runtimes, managers] = [
    ['docker', 'podman', 'sudo'],
    ['apt-get', 'dnf'],
  ];
  return Object.fromEntries([
    ...runtimes.map((name) => [name, absent(name)]),
    ...managers.map((name) => [name, noPackages]),
  ]);
}
