import { instanceMarker } from './processes.ts';

/** File beside the programs of an instance: the numbers of its SSH connections, one in each line. */
export const connectionsFile = 'connections';

/** Higher than any real process ID, so that the simulated processes of SSH are no others. */
const firstProcess = 10_000_000;

/**
 * Shell functions that see the processes of the instance only, as its programs do, although it shares the computer: `pids` lists them, `session`
 * prints the session of one, and `in_use` succeeds if one of another session than the caller's runs. Without `/proc` it always succeeds.
 */
export const instanceProcesses = `pids() { grep -lszxF "${instanceMarker}=$${instanceMarker}" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3; }
session() {
  { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${stat##*) }
  echo "$4"
}
in_use() {
  [ -d /proc/self ] || return 0
  own=$(session $$)
  for pid in $(pids); do
    other=$(session "$pid")
    [ "\${other:-$own}" = "$own" ] || return 0
  done
  return 1
}`;

/**
 * Returns the programs that say who uses an instance: `ps -eo pid=,ppid=,args=` with the processes of sshd, `uptime` with the load of this
 * instance, and `wall` for its terminals. Those of the computer would answer for all instances, and for the person who simulates them.
 */
export function usePrograms(user: string): Readonly<Record<string, string>> {
  return {
    ps: `#!/bin/sh
# Any other call shows the computer that simulates the instance.
${instanceProcesses}
PATH=\${PATH#*:}
[ "$*" = '-eo pid=,ppid=,args=' ] && [ -d /proc/self ] || exec ps "$@"
while read -r connection; do
  echo "$((${firstProcess} + connection)) 1 sshd: ${user}@notty"
done < "$(dirname "$(dirname "$0")")/${connectionsFile}"
connection=\${SSH_CLIENT#* } own=$(session $$)
# The leader of a session is a child of its connection.
ps -o pid=,ppid=,args= -p "$(pids | paste -s -d , -)" |
  sed "s/^\\( *$own\\) *[0-9]*/\\1 $((${firstProcess} + \${connection% *}))/"
`,
    uptime: `#!/bin/sh
${instanceProcesses}
load=0.00
if in_use; then load=$(getconf _NPROCESSORS_ONLN).00; fi
echo " $(date +%T) up 1 day,  0:00,  0 users,  load average: $load, $load, $load"
`,
    wall: `#!/bin/sh
${instanceProcesses}
message=$(cat)
for pid in $(pids); do readlink "/proc/$pid/fd/0"; done | sort -u | while read -r terminal; do
  case $terminal in /dev/pts/*) printf '\\r\\nBroadcast message:\\r\\n%s\\r\\n' "$message" > "$terminal" ;; esac
done
`,
  };
}
