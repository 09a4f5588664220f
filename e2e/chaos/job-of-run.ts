import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Job, parseJob } from '@gpu-clouds/jobs';
import { vendors } from '@gpu-clouds/simulators';
import type { HostileJob } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { downloadsOf, type SourceFiles, signedLink } from './file-source.ts';
import { type Feature, failingCodes, hasFeature, type PlannedRun } from './plan.ts';
import { privateRegistry } from './private-registry.ts';
import { eventsOf, slackEvents, webhookVariables } from './webhook.ts';

/** Name of the secret that each command prints, to check that it is masked. */
export const secretName = 'CHAOS_TOKEN';
/** Name of a secret that begins like the other one and ends in a line break. */
export const longSecretName = 'CHAOS_TOKEN_LONG';
/** Result file that each command writes and that the run collects. */
export const resultFile = 'result.txt';
/** The file that each run uploads: this one. Without it, the command ends with the exit code 66. */
const uploadedFile = 'inputs/job.ts';
/** After the name of an instance: the output of a second attempt on it. */
export const secondOutput = '.again';
/** Root of the repository. */
const root = join(import.meta.dirname, '../..');
/** Limit of output and outputs of each run. */
const maxGiB = 0.01;
/** Number of instances of a run with several nodes. */
const nodeCount = 2;

/** Folder with the checkpoint of a command. */
const checkpointFolder = 'state';
/** The file in it, which is renamed into place. */
export const checkpointFile = 'saved';
/** In the evidence, once the run store has a checkpoint of the run. */
export const storedMark = 'stored';
/** In the evidence, once the product shows that the GPUs of the run were idle. */
export const flaggedMark = 'flagged';
/** Exit code of a job of the kind `resumes` that is to run again. */
const crashCode = 42;
/** GiB per GPU of the alternative that comes first, and that costs more than what each vendor has below it. */
export const largeGpuMemory = 80;

/** Seconds of a duration cap: slightly more than the minimum for which runJob rents an instance. */
const capSeconds = 64;
/** Cost caps in US dollars that last about as long: at the price of an RTX A6000, and of one at Verda with the large disk of a plan. */
const capDollars = { plain: 0.0095, withLargeDisk: 0.058 };

/**
 * Returns the maximum cost of a run in US dollars, without the tolerance for faults.
 * @param highestPrice The highest hourly price among its instances, in US dollars.
 */
export function capOf(run: Pick<PlannedRun, 'kind' | 'storage'>, highestPrice: number): number {
  if (run.kind === 'cap-cost') return dollarsOf(run);
  if (run.kind === 'cap-duration') return (capSeconds / 3600) * highestPrice;
  return Number.POSITIVE_INFINITY;
}

function dollarsOf({ storage }: Pick<PlannedRun, 'storage'>): number {
  return storage === undefined ? capDollars.plain : capDollars.withLargeDisk;
}

/** The job fault of a run, if it has one. */
export function hostileJobOf({ hostile }: Pick<PlannedRun, 'hostile'>): HostileJob | undefined {
  return hostile && faults[hostile].job;
}

/** Returns the path of the collected file of each instance of a run, relative to its outputs. */
export function keptFiles({ shape }: Pick<PlannedRun, 'shape'>): readonly string[] {
  if (shape === 'job-deployment') return ['answer.json'];
  if (shape === 'instance') return [resultFile];
  return Array.from({ length: nodeCount }, (_, rank) => `node-${rank}/${resultFile}`);
}

/**
 * Creates the job of a run. Its commands record their actions in a folder of this machine, which outlives the simulated instances.
 * @param evidence Folder for the evidence of this run. It must exist.
 * @param elsewhere What it downloads and sends, if it does.
 */
export function jobOf(run: PlannedRun, evidence: string, elsewhere?: SourceFiles): Job {
  const shaped = run.shape === 'job-deployment' ? inContainer(run) : onInstances(run, evidence, elsewhere);
  const limits = {
    maxDuration: run.kind === 'cap-duration' ? `${capSeconds}s` : '2h',
    ...(run.shape === 'job-deployment' ? {} : { maxOutput: maxGiB, maxOutputs: maxGiB }),
    ...(run.kind === 'cap-cost' ? { maxCost: dollarsOf(run) } : {}),
    idleGpu: idleLimitOf(run),
  };
  const { fields } = hostileJobOf(run) ?? {};
  const input = { name: run.id.toLowerCase(), secrets: [secretName, longSecretName], limits, ...shaped, ...fields };
  return parseJob(JSON.stringify(input), join(root, `${run.id}.json`));
}

/** Commands of the kinds `idle-gpu` and `idle-warned` reach their limit. No other command does: the simulated GPUs are busy while one runs. */
function idleLimitOf(run: PlannedRun) {
  // biome-ignore lint/suspicious/noThenProperty: a field of the job file.
  const limit = (time: string, what: 'warn' | 'stop') => ({ for: time, below: 50, then: what });
  if (run.kind === 'idle-gpu') return limit('20s', 'stop');
  if (run.kind === 'idle-warned') return limit('10s', 'warn');
  return hasFeature(run, 'idle-limit') ? limit('1h', run.lines % 2 === 0 ? 'warn' : 'stop') : undefined;
}

/** Returns what an example for users runs, and its files by their paths from the root. */
function exampleJob() {
  const file = join(root, 'examples/nightly/job.yaml');
  const job = parseJob(readFileSync(file, 'utf8'), file);
  if (job.mode !== 'instance') throw new Error(`${file} does not run on an instance.`);
  const up = job.files.up.map((one) => ({ ...one, from: one.from && relative(root, one.from) }));
  return { up, down: job.files.down, command: job.command };
}

function onInstances(run: PlannedRun, evidence: string, elsewhere?: SourceFiles) {
  const has = (feature: Feature) => hasFeature(run, feature);
  const notify = [
    has('notifies') ? { webhook: webhookVariables.url, signWith: webhookVariables.key, on: eventsOf(run) } : [],
    has('notifies-slack') ? { webhook: webhookVariables.slack, format: 'slack', on: slackEvents } : [],
  ].flat();
  const example = has('example') ? exampleJob() : undefined;
  return {
    ...(notify.length > 0 ? { notify } : {}),
    ...(hasContainer(run) ? { container: containerOf(run) } : {}),
    retry: {
      onNoOffer: has('waits-for-offer') ? '20s' : undefined,
      onFailure: furtherAttempts(run),
    },
    resources: {
      ...constraintsOf(run),
      count: has('on-lease') ? (run.gpus ?? 1) : undefined,
      ...(run.kind === 'cap-cost' ? { gpu: 'RTX A6000' } : {}),
      ...(run.shape === 'nodes' ? { nodes: nodeCount } : {}),
      storage: run.storage,
    },
    ...(run.setup ? { setup: setupOf(run) } : {}),
    command: commandOf(run, example?.command),
    env: { EVIDENCE: evidence },
    checkpoint: hasCheckpoint(run) ? { folder: checkpointFolder, every: '2s' } : undefined,
    files: {
      up: [
        { from: relative(root, import.meta.filename), to: uploadedFile },
        ...(elsewhere?.up ?? []),
        ...(example?.up ?? []),
      ],
      down: [
        ...[resultFile, hostileJobOf(run)?.collects ?? []].flat().map((file) => ({ from: file, to: file })),
        ...(elsewhere?.down ?? []),
        ...(example?.down ?? []),
      ],
    },
  };
}

/** Whether the command saves checkpoints, and goes on from one. */
export function hasCheckpoint(run: Pick<PlannedRun, 'features' | 'kind'>): boolean {
  return run.kind === 'resumes' || hasFeature(run, 'checkpoint');
}

/** Whether setup and command run in a container on the instance. */
export function hasContainer(run: Pick<PlannedRun, 'features'>): boolean {
  return hasFeature(run, 'container') || hasFeature(run, 'private-image');
}

function containerOf(run: PlannedRun) {
  const { image, variable } = privateRegistry;
  return hasFeature(run, 'private-image')
    ? { image, registryAuth: variable }
    : { image: 'docker.io/library/debian:12' };
}

type Repeating = Pick<PlannedRun, 'features' | 'exitCode' | 'kind'>;

/** Returns the `retry.onFailure` of a run, if it has one. */
export function furtherAttempts(run: Repeating) {
  if (run.kind === 'resumes') return { attempts: 1, sameInstance: false, exitCodes: [1, crashCode] };
  if (!hasFeature(run, 'runs-again')) return undefined;
  const isNamed = hasFeature(run, 'same-instance');
  // A lease has no other instance.
  return { attempts: 1, sameInstance: isNamed || hasFeature(run, 'on-lease'), exitCodes: listedCodes(run, isNamed) };
}

function listedCodes(run: Repeating, isNamed: boolean): readonly number[] | undefined {
  if (hasFeature(run, 'other-exit-codes')) return failingCodes.filter((code) => code !== run.exitCode);
  return isNamed ? [run.exitCode || 1] : undefined;
}

/** Returns how often the command of a run is to run again if it ends as planned. */
export function plannedRepeats(run: Repeating): number {
  const { attempts = 0, exitCodes } = furtherAttempts(run) ?? {};
  const code = run.kind === 'resumes' ? crashCode : run.exitCode;
  return exitCodes === undefined || exitCodes.includes(code) ? attempts : 0;
}

function constraintsOf(run: PlannedRun) {
  const { constraints } = run;
  if (!hasFeature(run, 'alternatives')) return { ...vendorsOf(run), ...constraints };
  // No offer is as cheap as the first.
  const anyOf = [
    { maxPricePerHour: 0.01 },
    { ...constraints, minGpuMemory: largeGpuMemory },
    { minVcpus: 1, ...constraints },
  ];
  return { ...vendorsOf(run), anyOf, prefer: hasFeature(run, 'prefers-price') ? 'price' : 'order' };
}

/** The same choice, by what it has or by what it lacks. */
function vendorsOf(run: PlannedRun) {
  if (hasFeature(run, 'on-lease')) return {};
  if (!hasFeature(run, 'excludes-vendors')) return { vendors: run.vendors };
  const others = vendors.filter((vendor) => !run.vendors.includes(vendor));
  return others.length === 0 ? {} : { notVendors: others };
}

/** The query tells the container of the simulator how long to work and whether to fail. */
function inContainer(run: PlannedRun) {
  const seconds = run.kind === 'cap-duration' ? 900 : Math.ceil((run.lines * run.pauseMs) / 1000);
  const path = `/job?duration=${seconds}${run.kind === 'exit-code' ? '&failed=true' : ''}`;
  return {
    mode: 'job-deployment',
    container: { image: 'ghcr.io/verda-cloud/batch-jobs-example:1.0.1', port: 8000, path },
  };
}

/** GPUC_SIM_INSTANCE is unique per simulated instance, and the work folder on it per use of a lease. A short append is atomic. */
const prelude = (
  run: PlannedRun,
) => `m=$GPUC_SIM_INSTANCE${hasFeature(run, 'on-lease') ? '-$(basename "$(dirname "$PWD")")' : ''}
node=$GPU_CLOUDS_NODE_RANK
again=
say() { printf '%s\\n' "$1"; printf '%s\\n' "$1" >> "$EVIDENCE/output-$m$again"; }`;

/** Checks what a script may rely on: the user's own umask, SIGINT, unbuffered Python, pipefail, and a GPU. */
const surroundings = `[ "$(umask)" = ${process.umask().toString(8).padStart(4, '0')} ] || exit 67
[ "$PYTHONUNBUFFERED" = 1 ] || exit 68
if false | true; then exit 69; fi
sh -c 'kill -INT $$' && exit 70
[ "$(nvidia-smi -L | wc -l)" -ge 1 ] || exit 71`;

function setupOf(run: PlannedRun): string {
  return `${prelude(run)}
echo "setup $m $node" >> "$EVIDENCE/starts"
say "setup of ${run.id} on $m"
${run.kind === 'setup-fails' ? 'exit 9' : 'sleep 0.3'}`;
}

/**
 * The file ends in the SHA-256 of what comes before it, and is noted before it gets its name. It is too large to be written at once. Few
 * processes are started, because the command does so after each line.
 */
const saveCheckpoint = (run: PlannedRun) => `save() {
  part=${checkpointFolder}/${checkpointFile}.part
  { echo "checkpoint of ${run.id} on $m at $i $sum"; printf '%0100000d\\n' 0; } > $part
  sha=$(sha256sum < $part)
  echo "\${sha%% *}" >> $part
  echo "wrote $m $node ${run.id} $m $i" >> "$EVIDENCE/checkpoints"
  mv $part ${checkpointFolder}/${checkpointFile}
}`;

/** Notes which checkpoint the command found, and goes on from there. */
const goOnFromCheckpoint = (run: PlannedRun) => `${saveCheckpoint(run)}
saved=${checkpointFolder}/${checkpointFile}
if [ -f $saved ]; then
  read -r _ _ from _ by _ i sum < $saved || true
  whole=restored
  [ "$(head -n -1 $saved | sha256sum | cut -c 1-64)" = "$(tail -n 1 $saved)" ] || whole=torn
  echo "$whole $m $node $from $by $i" >> "$EVIDENCE/checkpoints"
else echo "nothing $m $node" >> "$EVIDENCE/checkpoints"; fi
mkdir -p ${checkpointFolder}`;

/** Fails once, after a checkpoint is stored. Should none be, the next attempt shows it. */
const crashOnce = (run: PlannedRun) => `if [ $i -ge ${Math.ceil(run.lines / 2)} ] && [ ! -e "$EVIDENCE/crashed" ]; then
    ${untilMarked(storedMark, 30)}
    if mkdir "$EVIDENCE/crashed"; then echo "$m $node ${crashCode}" >> "$EVIDENCE/ends"; exit ${crashCode}; fi
  fi`;

function untilMarked(mark: string, seconds: number): string {
  return `waited=0; until [ -e "$EVIDENCE/${mark}" ] || [ $waited -ge ${seconds * 5} ]; do sleep 0.2; waited=$((waited + 1)); done`;
}

/** As many as an instance may have. */
const idleGpus = `for gpu in 0 1 2 3 4 5 6 7; do echo '512 0 40'; done > "$HOME/.gpu-load"`;

/** @param example Script of an example, whose output becomes a part of the result. */
function commandOf(run: PlannedRun, example?: string): string {
  const isEnded = run.kind === 'cap-duration' || run.kind === 'cap-cost' || run.kind === 'idle-gpu';
  return `${prelude(run)}
if grep -qx "command $m $node" "$EVIDENCE/starts" 2>/dev/null; then again=${secondOutput}; fi
echo "command $m $node" >> "$EVIDENCE/starts"
${surroundings}
[ -s ${uploadedFile} ] || exit 66
${hasFeature(run, 'files-from-elsewhere') ? lookAtDownloads(run) : ''}
${example === undefined ? '' : `report=$(${example.trim()}) || exit 74`}
${hasFeature(run, 'private-image') ? lookAtLogin(run) : ''}
${hasFeature(run, 'on-lease') ? lookAtGpus(run) : ''}
i=0
sum=0
${hasCheckpoint(run) ? goOnFromCheckpoint(run) : ''}
while [ $i -lt ${run.lines} ]; do
  i=$((i + 1))
  sum=$((sum + i))
  say "${run.id} $m$again line $i ${'.'.repeat(60)}"
  ${hasCheckpoint(run) ? 'save' : ''}
  sleep ${run.pauseMs / 1000}
  ${run.kind === 'resumes' ? crashOnce(run) : ''}
done
[ $sum = ${(run.lines * (run.lines + 1)) / 2} ] || exit 75
for token in "$${secretName}" "$${longSecretName}"; do
  token=$(printf %s "$token")
  printf 'token [%s]\\n' "$token"
  printf 'token [%s]\\n' "$(printf %s "$token" | sed 's/./*/g')" >> "$EVIDENCE/output-$m$again"
done
${run.kind === 'idle-gpu' || run.kind === 'idle-warned' ? idleGpus : ''}
${run.kind === 'idle-warned' ? `${untilMarked(flaggedMark, 240)}; sleep 1` : ''}
${isEnded ? 'sleep 900' : ''}
${run.kind === 'missing-output' ? '' : `printf 'result of ${run.id} on %s %s\\n' "$m" "\${report-}" > ${resultFile}; cp ${resultFile} "$EVIDENCE/result-$m"`}
say "end of ${run.id} on $m"
${hasFeature(run, 'on-lease') ? 'note_use end' : ''}
echo "$m $node ${run.exitCode}" >> "$EVIDENCE/ends"
${hostileJobOf(run)?.script ?? ''}
exit ${run.exitCode}`;
}

/** Notes what the downloaded files are, and whether a link is still there. */
function lookAtDownloads(run: PlannedRun): string {
  const files = [...downloadsOf(run).keys()].join(' ');
  return `for f in ${files}; do echo "$m $f $(sha256sum 2>/dev/null < "inputs/$f" | cut -c 1-64)" >> "$EVIDENCE/inputs"; done
${noteFilesWith(signedLink.replace(/=$/, '[=]'), ownFolder(run))}`;
}

const ownFolder = (run: PlannedRun) => (hasFeature(run, 'on-lease') ? '"$PWD"/..' : '"$HOME"');

/** @param pattern Basic regular expression that does not match itself. */
function noteFilesWith(pattern: string, ...folders: readonly string[]): string {
  return `grep -rl '${pattern}' ${folders.join(' ')} >> "$EVIDENCE/secret-files" 2>/dev/null || true`;
}

/** Checks that the runtime had the right login, and notes where the login still is, its list of all calls included. */
function lookAtLogin(run: PlannedRun): string {
  const folder = '"$(dirname "$(dirname "$(command -v docker)")")"/containers';
  return `${noteFilesWith(privateRegistry.pattern, ownFolder(run), folder)}
grep -qxF '${privateRegistry.note}' ${folder}/logins || exit 73`;
}

/** Reads them from the call of the runtime that started the container. Its name ends in the folder of the run. */
const gpusOfContainer = `name=gpu-clouds-$(basename "$(dirname "$PWD")")
calls=$(dirname "$(dirname "$(command -v docker)")")/containers/calls.log
mine=$(sed -n "s/^docker run .*--name $name .*device=\\([0-9,]*\\).*/\\1/p" "$calls" | tail -n 1)
[ -n "$mine" ] || exit 72`;

/** Notes which GPUs the run has from now on. Its container is what decides that, if it has one. */
function lookAtGpus(run: PlannedRun): string {
  const { gpus = 1 } = run;
  const mine = hasContainer(run) ? gpusOfContainer : 'mine=$CUDA_VISIBLE_DEVICES';
  return `${mine}
note_use() { echo "$GPUC_SIM_INSTANCE $m$again $1 $(date +%s%3N) $mine" >> "$EVIDENCE/uses"; }
[ "$(echo "$mine" | tr , '\\n' | wc -l)" = ${gpus} ] || exit 72
note_use begin`;
}
