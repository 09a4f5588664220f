import { removeContainer, runtimeFile } from './container.ts';
import { quoteForShell } from './shell.ts';
import { commandFailure, cutOff, type SshSession } from './ssh-session.ts';

/** Seconds that what a run left gets after SIGTERM. It has had `limits.maxStop`, unless its workflow was terminated. */
const politeSeconds = 5;

/**
 * Ends all that the steps of a run have started, and its container, and removes the run's folder. A file takes the place of the folder, so
 * that a worker that has not heard of the end of the run cannot start a step any more. What the run made with other rights may stay.
 * @param folder Name of the folder below `~/.gpu-clouds`.
 */
export async function evict(session: SshSession, folder: string): Promise<void> {
  const script = `
d="$HOME"/.gpu-clouds/${quoteForShell(folder)}
mkdir -p "$HOME/.gpu-clouds" || exit 1
groups() {
  for s in "$d"/*/; do
    [ -s "$s/pid" ] && [ ! -f "$s/exit" ] || continue
    p=$(cat "$s/group" 2>/dev/null || cat "$s/pid")
    kill -0 "-$p" 2>/dev/null && echo "$p"
  done
}
signal() { for p in $(groups); do kill "-$1" "-$p" 2>/dev/null; done; }
signal TERM
for i in ${Array.from({ length: politeSeconds }, (_, index) => index + 1).join(' ')}; do [ -z "$(groups)" ] && break; sleep 1; done
if [ -s "$d/${runtimeFile}" ]; then
${removeContainer(folder)}
fi
signal KILL
for i in 1 2 3 4 5; do [ -z "$(groups)" ] && break; sleep 1; done
[ -z "$(groups)" ] || exit ${cutOff}
if [ -d "$d" ]; then mv "$d" "$d.left" && : > "$d"; rm -rf "$d.left" 2>/dev/null; else : > "$d"; fi
[ ! -d "$d" ]`;
  const result = await session.exec(script);
  if (result.code !== 0) throw commandFailure(`What ${folder} left could not be removed`, result);
}
