import type { GpuReading } from '@gpu-clouds/jobs';
import type { InstanceShare } from '@gpu-clouds/jobs/contract';
import { groupFile, removeContainer, signalInside } from './container.ts';
import { gpuLines, inOneLine, longestSample, mostOfSample } from './gpu-query.ts';
import { GpuLines } from './gpu-readings.ts';
import { enter, placeOf } from './share.ts';
import { quoteForShell } from './shell.ts';
import { commandFailure, cutOff, type SshSession } from './ssh-session.ts';
import { readStepEnd, type StepEnd } from './step-end.ts';
import { onTerminal, terminalInput, terminalPrelude } from './terminal.ts';

/** A script that runs on an instance, apart from any connection, in a folder of its own. */
export interface RemoteStep {
  /** The name of the instance. It may not be new to the run. */
  readonly instanceName: string;
  /** `download`, `container`, `setup`, `command`, or `send`, and the number of an attempt after the first: `command-2`. */
  readonly name: string;
  /** Whether the script runs in the container of the instance, where signals have another way to it. */
  readonly inContainer?: boolean | undefined;
  /** Whether the script runs on a terminal of the instance. One in a container has the terminal of its container. */
  readonly onTerminal?: boolean | undefined;
  /** What a run on a lease may use of the instance. It has a folder of its own there, in which its scripts begin. */
  readonly share?: InstanceShare | undefined;
}

/** Milliseconds between two polls of a follower, unless its caller says otherwise. */
const usualPollMs = 200;
/** Milliseconds that the polls of one follower take: it must not outlive the worker that asked. */
const mostMs = 60_000;
/** Milliseconds without the runner and without an exit code after which there will be none. */
const nobodyMs = 10_000;

/** Returns the step of one attempt, from 1. Each starts once, because it has a folder of its own. */
export function stepOfAttempt(
  { instanceName, share }: Pick<RemoteStep, 'instanceName' | 'share'>,
  step: 'download' | 'container' | 'setup' | 'command' | 'send',
  attempt = 1,
): RemoteStep {
  return { instanceName, share, name: attempt === 1 ? step : `${step}-${attempt}` };
}

/** Bytes. */
const mostOfExitFile = 4096;
const mostOfKernelLine = 500;

/** Milliseconds. Ten times what a follower takes on an instance that is not overloaded. */
const followerSilenceMs = 600_000;

/** For scripts, quoted. */
export function folderOf(step: RemoteStep): string {
  return `"$HOME"/.gpu-clouds/${quoteForShell(placeOf(step))}/${quoteForShell(step.name)}`;
}

/**
 * Functions of our scripts. `proc` prints the state and the start time of a process (fields 3 and 22 of `/proc/<pid>/stat`): a number alone
 * may be another process by now. `ooms` prints how many processes the kernel has killed for lack of memory.
 */
const functions = `
proc() { read -r stat < "/proc/$1/stat" && set -- \${stat##*) } && echo "$1 \${20}"; } 2>/dev/null
ooms() { sed -n 's/^oom_kill //p' /proc/vmstat; } 2>/dev/null
boot() { cat /proc/sys/kernel/random/boot_id; } 2>/dev/null`;

/**
 * Runs the step's script and notes its exit code. It has a process group of its own, apart from the script's: a script that signals its whole
 * group (`kill 0`) does not reach it, nor does a TERM to the step. Not in the background of any shell: there, some ignore SIGINT for good.
 * Without `setsid`, bash's job control gives the script its group. Without both they share one, and only a KILL to all reaches this one too.
 * A terminal gives it a session, while what copies its output shares the group of the runner.
 * The redirection is a child's, so that the output has no words of this shell about signals.
 * The folder keeps a reserve so that a full disk has room for the exit code.
 */
const runner = `
d=$1 terminal=$2
${functions}
trap : HUP INT TERM
set -- $(proc $$)
echo "$$ $2" > "$d/runner.part" && mv "$d/runner.part" "$d/runner"
if ! command -v bash >/dev/null 2>&1; then set -- sh -e "$d/script"; else set -- bash -eo pipefail "$d/script"; fi
if [ -n "$terminal" ]; then set -- sh -c "$terminal" "$d"
elif command -v setsid >/dev/null 2>&1; then set -- setsid "$@"
elif [ "$1" = bash ]; then set -- bash -c 'exec 2>/dev/null; set -m; "$@" 2>&1; exit $?' - "$@"
else echo $$ > "$d/group"; fi
sh -c 'exec > "$0/output" 2>&1 < /dev/null; exec "$@"' "$d" "$@"
code=$?
rm -f "$d/reserve"
echo $code > "$d/exit.part" && mv "$d/exit.part" "$d/exit"
`;

/**
 * Starts the step unless it was started before, by whomever. `mkdir` decides: it succeeds once. Everything that can be cut off, the
 * script's way over the network, is done before; after it the instance needs nobody any more.
 * The script holds environment and secrets, so it comes over stdin, is readable to the user only, and deletes itself first.
 * @returns Whether it was this call that started the step.
 */
export async function startStep(session: SshSession, step: RemoteStep, script: string): Promise<boolean> {
  const own = step.onTerminal ? terminalPrelude : '';
  const prelude = `echo "$$" > "\${0%/*}/pid"; rm -f "$0"; ${enter(step)}\nexport PYTHONUNBUFFERED="\${PYTHONUNBUFFERED-1}"${own}`;
  const content = `${prelude}\n${script}\n`;
  const launcher = `
d=${folderOf(step)}
mask=$(umask)
umask 077
mkdir -p "$d" || exit 1
[ -d "$d/started" ] && { echo before; exit 0; }
leave() { rm -f "$d"/*.$$; exit "$1"; }
cat > "$d/script.$$" || leave 1
[ "$(wc -c < "$d/script.$$")" -eq ${Buffer.byteLength(content)} ] || leave ${cutOff}
head -c 4096 /dev/zero > "$d/reserve.$$" || leave 1
${step.onTerminal ? `mkfifo "$d/${terminalInput}.$$" || leave 1` : ''}
${functions}
{ echo "$(boot)"; echo "$(ooms)"; } > "$d/birth.$$"
problem=$(mkdir "$d/started" 2>&1) || { [ -d "$d/started" ] && { echo before; leave 0; }; echo "$problem" >&2; leave 1; }
for f in script reserve birth ${step.onTerminal ? terminalInput : ''}; do mv "$d/$f.$$" "$d/$f"; done
umask "$mask"
trap '' PIPE
echo started
trap - PIPE
own=
command -v setsid >/dev/null 2>&1 && own=setsid
exec $own sh -c ${quoteForShell(runner)} runner "$d" ${step.onTerminal ? quoteForShell(onTerminal) : ''} </dev/null >/dev/null 2>&1
`;
  const result = await session.exec(launcher, { stdin: content, letGoAt: 'started' });
  if (result.code !== 0) throw commandFailure(`The ${step.name} could not be started`, result);
  return !result.stdout.startsWith('before');
}

/** Told by who takes the output of a step: `enough` means that no more of it is to be sent. */
export type Wanted = 'more' | 'enough';

/** How a step is followed. */
export interface Following {
  readonly gpus?: GpuSampler | undefined;
  /** Milliseconds between two looks at the step. Default: 200. */
  readonly pollMs?: number | undefined;
}

/** Samples of the instance's GPUs while a step is followed. */
export interface GpuSampler {
  /** Milliseconds from one sample to the next. */
  readonly everyMs: number;
  /** Gets what each GPU said. Not called where there is no `nvidia-smi`, or no `timeout` to end one that hangs. */
  readonly onSample: (gpus: readonly GpuReading[]) => void;
}

/**
 * Passes on what the step writes, from an offset on, until it has ended.
 * @param from Undefined: nothing is passed on.
 * @param onOutput Gets bytes in order; awaited before more is read.
 */
export async function followStep(
  session: SshSession,
  step: RemoteStep,
  from: number | undefined,
  onOutput: (bytes: Buffer) => Promise<Wanted>,
  { gpus, pollMs = usualPollMs }: Following = {},
): Promise<StepEnd> {
  let offset = from;
  for (;;) {
    const enough = new Error('Nobody wants more of the output.');
    const lines = gpus && new GpuLines(gpus.onSample, step.share?.gpus);
    const round = session.exec(follower(step, offset, pollMs, gpus?.everyMs), {
      silenceMs: followerSilenceMs,
      onStderr: (bytes) => lines?.push(bytes),
      onStdout: async (bytes) => {
        if (offset !== undefined) offset += bytes.byteLength;
        if ((await onOutput(bytes)) === 'more') return;
        offset = undefined;
        throw enough;
      },
    });
    const result = await round.catch((error: unknown) => {
      if (error !== enough) throw error;
    });
    if (result === undefined) continue;
    if (result.code !== 0) throw commandFailure(`The ${step.name} could not be followed`, result);
    const end = readStepEnd(lastLine(result.stderr));
    if (end !== undefined) return end;
  }
}

/**
 * Asks the step and all that it started to end (TERM), or makes them (KILL); each of the two reaches them once, however often it is sent.
 * The step ends with an exit code either way. No-op once the step has ended; what has not started yet is worth another try.
 */
export async function signalStep(session: SshSession, step: RemoteStep, signal: 'TERM' | 'KILL'): Promise<void> {
  const script = `
d=${folderOf(step)}
[ -f "$d/exit" ] && exit 0
[ -s "$d/${step.inContainer ? groupFile : 'pid'}" ] || exit ${cutOff}
mkdir "$d/sent-${signal}" 2>/dev/null || { [ -d "$d/sent-${signal}" ] && exit 0; }
${sending(step, signal)}
[ ${signal} = KILL ] && [ ! -f "$d/exit" ] && { rm -f "$d/reserve"; echo 137 > "$d/exit.part" && mv "$d/exit.part" "$d/exit"; }
exit 0`;
  const result = await session.exec(script);
  if (result.code !== 0) throw commandFailure(`The ${step.name} could not be sent ${signal}`, result);
}

/** In a container, a TERM to the runtime's client would end it, and its exit code would be taken for the script's. */
function sending(step: RemoteStep, signal: 'TERM' | 'KILL'): string {
  const toAll = `kill -${signal} "-$(cat "$d/group" 2>/dev/null || cat "$d/pid")" 2>/dev/null`;
  if (!step.inContainer) return toAll;
  const inside = signalInside(placeOf(step), signal);
  return signal === 'TERM' ? inside : `${inside}\n${toAll}`;
}

/** Ends the step and all that it started: first politely, then not. Success when it runs no more. */
export async function killStep(session: SshSession, step: RemoteStep): Promise<void> {
  const { inContainer = false } = step;
  const politely = inContainer ? signalInside(placeOf(step), 'TERM') : 'kill -TERM "-$p" 2>/dev/null || exit 0';
  const script = `
d=${folderOf(step)}
[ -s "$d/pid" ] && [ ! -f "$d/exit" ] || exit 0
p=$(cat "$d/group" 2>/dev/null || cat "$d/pid")
${politely}
for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$p" 2>/dev/null || exit 0; sleep 0.5 2>/dev/null || sleep 1; done
${inContainer ? `${removeContainer(placeOf(step))}\n` : ''}kill -KILL "-$p" 2>/dev/null
exit 0`;
  await session.exec(script);
}

/*
 * Output goes to stdout, the verdict to stderr. The exit file is looked for before the output is measured: what was written before
 * it is then passed on too. A minute at most: the loop must not outlive the worker that asked. Another boot ID, or ten seconds without the
 * runner and without an exit code, mean that there will be none.
 * What comes of files and logs comes on one line, and not without end. What the script has put in the place of a file is not read: a FIFO or
 * a device would never end.
 */
function follower(step: RemoteStep, offset: number | undefined, pollMs: number, sampleMs: number | undefined): string {
  return `
d=${folderOf(step)}
${functions}
${sampleMs === undefined ? 'sample() { :; }; sampled() { :; }; endSampler() { :; }' : sampling(sampleMs, pollMs)}
at=${offset ?? ''}
polls=0
nobody=0
vanished() {
  endSampler
  log=$(dmesg 2>/dev/null | grep -i 'killed process' | tail -n 1 | head -c ${mostOfKernelLine})
  printf '%s [%s]\\n' "$1" "$(printf %s "$log" | LC_ALL=C tr '\\001-\\037' '?')" >&2
  exit 0
}
{ read -r booted; read -r ooms; } 2>/dev/null < "$d/birth"
while [ $polls -lt ${Math.ceil(mostMs / pollMs)} ]; do
  polls=$((polls + 1))
  if [ -f "$d/exit" ]; then over=1; else over=0; fi
  sampled
  if [ $over = 0 ]; then
    [ -f "$d/runner" ] && read -r pid born 2>/dev/null < "$d/runner"
    set -- $(proc "\${pid:-none}")
    case $1 in '' | Z | X) nobody=$((nobody + 1)) ;; *) if [ "$2" = "$born" ]; then nobody=0; else nobody=$((nobody + 1)); fi ;; esac
  fi
  size=$([ -f "$d/output" ] && wc -c 2>/dev/null < "$d/output" || echo 0)
  if [ -n "$at" ] && [ $size -gt $at ]; then
    tail -c +$((at + 1)) "$d/output" | head -c $((size - at)) || exit 1
    at=$((size))
  fi
  if [ $over = 1 ]; then
    endSampler
    said=$(head -c ${mostOfExitFile} "$d/exit" | LC_ALL=C tr '\\000' '?')
    printf 'exit [%s]\\n' "$(printf %s "$said" | LC_ALL=C tr '\\001-\\037' '?')" >&2
    exit 0
  fi
  if [ $nobody -gt 0 ] && [ "$booted" != "$(boot)" ]; then vanished rebooted; fi
  if [ $nobody -gt ${Math.ceil(nobodyMs / pollMs)} ]; then
    if [ "$(ooms)" -gt "$ooms" ] 2>/dev/null; then vanished out-of-memory; else vanished killed; fi
  fi
  sample
  sleep ${pollMs / 1000} 2>/dev/null || sleep 1
done
exit 0`;
}

/**
 * Functions of the follower. `nvidia-smi` may hang, and a driver may hang with it: it runs beside the loop, with nothing of the channel open,
 * in a process group that `timeout` ends, and no second one starts before. It leaves a whole file or none. In a subshell of its own it is no
 * job of this shell, which would write about its end.
 */
function sampling(sampleMs: number, pollMs: number): string {
  const script = `${gpuLines} | head -c ${mostOfSample} > "$0/gpus.part" && mv -f "$0/gpus.part" "$0/gpus"`;
  return `
every=0
command -v nvidia-smi >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1 && every=${Math.max(1, Math.round(sampleMs / pollMs))}
sampler=
rm -f "$d/gpus"
sample() {
  [ $every -gt 0 ] && [ $(((polls - 1) % every)) = 0 ] || return 0
  [ -f "$d/sampler" ] && kill -0 "$(head -c 20 "$d/sampler")" 2>/dev/null && return 0
  sampler=$(timeout -s KILL ${longestSample} sh -c ${quoteForShell(script)} "$d" </dev/null >/dev/null 2>&1 & echo $!)
  rm -f "$d/sampler"
  echo "$sampler" > "$d/sampler"
  set -- $(proc "$sampler")
  began=$2
}
endSampler() {
  set -- $(proc "\${sampler:-none}")
  [ -n "$2" ] && [ "$2" = "$began" ] && kill "$sampler" 2>/dev/null
}
sampled() {
  [ -f "$d/gpus" ] || return 0
  printf 'gpus [%s]\\n' "$(head -c ${mostOfSample} "$d/gpus" | ${inOneLine})" >&2
  rm -f "$d/gpus"
}`;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
