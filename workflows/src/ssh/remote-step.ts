import { quoteForShell } from './shell.ts';
import { commandFailure, cutOff, type SshSession } from './ssh-session.ts';

/** A script that runs on an instance, apart from any connection, in a folder of its own. */
export interface RemoteStep {
  /** Name of the instance: it may not be new to the run. */
  readonly instanceName: string;
  /** `setup` or `command`. */
  readonly name: string;
}

/**
 * How a followed step ended: by itself, with something else in the place of its exit code, or with the instance (a reboot, the kernel out of
 * memory).
 */
export type StepEnd =
  | { readonly ended: 'exit'; readonly code: number }
  | { readonly ended: 'no-code'; readonly said: string }
  | { readonly ended: 'vanished' };

/** Bytes. */
const mostOfExitFile = 4096;

function folderOf({ instanceName, name }: RemoteStep): string {
  return `"$HOME"/.gpu-clouds/${quoteForShell(instanceName)}/${quoteForShell(name)}`;
}

/**
 * Starts the step unless it was started before, by whomever. `mkdir` decides: it succeeds once. Everything that can be cut off, the
 * script's way over the network, is done before; after it the instance needs nobody any more.
 * The runner outlives a TERM to the whole group, so as to tell the exit code.
 * The script holds environment and secrets, so it comes over stdin, is readable to the user only, and deletes itself first.
 */
export async function startStep(session: SshSession, step: RemoteStep, script: string): Promise<void> {
  const content = `rm -f "$0"\nset -e\ncd "$HOME"\n${script}\n`;
  const launcher = `
umask 077
d=${folderOf(step)}
mkdir -p "$d" || exit 1
cat > "$d/script.$$" || exit 1
[ "$(wc -c < "$d/script.$$")" -eq ${Buffer.byteLength(content)} ] || { rm -f "$d/script.$$"; exit ${cutOff}; }
mkdir "$d/started" 2>/dev/null || { rm -f "$d/script.$$"; exit 0; }
mv "$d/script.$$" "$d/script"
cat > "$d/runner" <<'RUNNER'
d=$1
trap : TERM
echo $$ > "$d/pid.part" && mv "$d/pid.part" "$d/pid"
shell=$(command -v bash || command -v sh)
"$shell" "$d/script" > "$d/output" 2>&1 < /dev/null
echo $? > "$d/exit.part" && mv "$d/exit.part" "$d/exit"
RUNNER
if command -v setsid >/dev/null 2>&1; then setsid sh "$d/runner" "$d" </dev/null >/dev/null 2>&1 &
else set -m; nohup sh "$d/runner" "$d" </dev/null >/dev/null 2>&1 & fi
`;
  const result = await session.exec(`sh -c ${quoteForShell(launcher)}`, { stdin: content });
  if (result.code !== 0) throw commandFailure(`The ${step.name} could not be started`, result);
}

/**
 * Passes on what the step writes, from an offset on, until it has ended.
 * @param onOutput Gets bytes in order; awaited before more is read.
 */
export async function followStep(
  session: SshSession,
  step: RemoteStep,
  from: number,
  onOutput: (bytes: Buffer) => void | Promise<void>,
): Promise<StepEnd> {
  let offset = from;
  for (;;) {
    const result = await session.exec(`sh -c ${quoteForShell(follower(step, offset))}`, {
      onStdout: async (bytes) => {
        offset += bytes.byteLength;
        await onOutput(bytes);
      },
    });
    if (result.code !== 0) throw commandFailure(`The ${step.name} could not be followed`, result);
    const verdict = lastLine(result.stderr);
    if (verdict === 'vanished') return { ended: 'vanished' };
    const [, said] = /^exit \[(.*)\]$/s.exec(verdict) ?? [];
    if (said !== undefined) return endOf(said);
  }
}

/** Whatever runs there can write anything into the file of the exit code. */
function endOf(said: string): StepEnd {
  const code = /^\d{1,3}$/.test(said) ? Number(said) : Number.NaN;
  return code <= 255 ? { ended: 'exit', code } : { ended: 'no-code', said };
}

/**
 * Asks the step and all that it started to end (TERM), or makes them (KILL); each of the two reaches them once, however often it is sent.
 * The step ends with an exit code either way. What has ended, hears nothing; what has not started yet is worth another try.
 */
export async function signalStep(session: SshSession, step: RemoteStep, signal: 'TERM' | 'KILL'): Promise<void> {
  const script = `
d=${folderOf(step)}
[ -f "$d/exit" ] && exit 0
[ -f "$d/pid" ] || exit ${cutOff}
mkdir "$d/sent-${signal}" 2>/dev/null || exit 0
kill -${signal} "-$(cat "$d/pid")" 2>/dev/null
[ ${signal} = KILL ] && [ ! -f "$d/exit" ] && echo 137 > "$d/exit.part" && mv "$d/exit.part" "$d/exit"
exit 0`;
  const result = await session.exec(`sh -c ${quoteForShell(script)}`);
  if (result.code !== 0) throw commandFailure(`The ${step.name} could not be sent ${signal}`, result);
}

/** Ends the step and all that it started: first politely, then not. Success when it runs no more. */
export async function killStep(session: SshSession, step: RemoteStep): Promise<void> {
  const script = `
d=${folderOf(step)}
[ -f "$d/pid" ] && [ ! -f "$d/exit" ] || exit 0
p=$(cat "$d/pid")
kill -TERM "-$p" 2>/dev/null || exit 0
for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$p" 2>/dev/null || exit 0; sleep 0.5 2>/dev/null || sleep 1; done
kill -KILL "-$p" 2>/dev/null
exit 0`;
  await session.exec(`sh -c ${quoteForShell(script)}`);
}

/*
 * Output goes to stdout, the verdict to stderr. The exit file is looked for before the output is measured: what was written before
 * it is then passed on too. A minute at most: the loop must not outlive the worker that asked. Ten seconds without a process and
 * without its exit code mean that the instance was restarted, or that the kernel killed it.
 * What the exit file holds comes on one line, and not without end.
 */
function follower(step: RemoteStep, offset: number): string {
  return `
d=${folderOf(step)}
at=${offset}
looks=0
nobody=0
while [ $looks -lt 300 ]; do
  looks=$((looks + 1))
  if [ -f "$d/exit" ]; then over=1; else over=0; fi
  if [ $over = 0 ] && ! kill -0 "$(cat "$d/pid" 2>/dev/null)" 2>/dev/null; then nobody=$((nobody + 1)); else nobody=0; fi
  size=$(wc -c < "$d/output" 2>/dev/null || echo 0)
  if [ $size -gt $at ]; then
    tail -c +$((at + 1)) "$d/output" | head -c $((size - at)) || exit 1
    at=$((size))
  fi
  if [ $over = 1 ]; then
    said=$(head -c ${mostOfExitFile} "$d/exit" | LC_ALL=C tr '\\000' '?')
    printf 'exit [%s]\\n' "$(printf %s "$said" | LC_ALL=C tr '\\001-\\037' '?')" >&2
    exit 0
  fi
  if [ $nobody -gt 50 ]; then echo vanished >&2; exit 0; fi
  sleep 0.2 2>/dev/null || sleep 1
done
exit 0`;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
