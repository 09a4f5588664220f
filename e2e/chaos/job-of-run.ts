import { basename, join } from 'node:path';
import { type Job, parseJob } from '@gpu-clouds/jobs';
import type { HostileJob } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { downloadsOf, type SourceFiles, signedLink } from './file-source.ts';
import type { Feature, PlannedRun } from './plan.ts';
import { webhookVariables } from './webhook.ts';

/** Name of the secret that each command prints, to check that it is masked. */
export const secretName = 'CHAOS_TOKEN';
/** Name of a secret that begins like the other one and ends in a line break. */
export const longSecretName = 'CHAOS_TOKEN_LONG';
/** Result file that each command writes and that the run collects. */
export const resultFile = 'result.txt';
/** The file that each run uploads: this one. Without it, the command ends with the exit code 66. */
const uploadedFile = 'inputs/job.ts';
/** Limit of output and outputs of each run. */
const maxGiB = 0.01;
/** Number of instances of a run with several nodes. */
const nodeCount = 2;

/** Seconds of a duration cap: slightly more than the minimum for which runJob rents an instance. */
const capSeconds = 64;
/** Cost caps in US dollars that last about as long: at the price of an RTX A6000, and of one at Verda with the large disk of a plan. */
const capDollars = { plain: 0.008, withLargeDisk: 0.058 };

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
    // biome-ignore lint/suspicious/noThenProperty: a field of the job file.
    ...(run.features?.includes('idle-limit') ? { idleGpu: { for: '1h', then: 'stop' } } : {}),
  };
  const { fields } = hostileJobOf(run) ?? {};
  const input = { name: run.id.toLowerCase(), secrets: [secretName, longSecretName], limits, ...shaped, ...fields };
  return parseJob(JSON.stringify(input), join(import.meta.dirname, `${run.id}.json`));
}

function onInstances(run: PlannedRun, evidence: string, elsewhere?: SourceFiles) {
  const has = (feature: Feature) => hasFeature(run, feature);
  return {
    ...(has('notifies') ? { notify: [{ webhook: webhookVariables.url, signWith: webhookVariables.key }] } : {}),
    ...(has('container') ? { container: { image: 'docker.io/library/debian:12' } } : {}),
    retry: {
      onNoOffer: has('waits-for-offer') ? '20s' : undefined,
      onFailure: has('runs-again') ? { attempts: 1, sameInstance: false } : undefined,
    },
    resources: {
      // No offer is that cheap.
      anyOf: has('alternatives') ? [{ maxPricePerHour: 0.01 }, { minVcpus: 1 }] : undefined,
      vendors: has('on-lease') ? undefined : run.vendors,
      count: has('on-lease') ? (run.gpus ?? 1) : undefined,
      ...(run.kind === 'cap-cost' ? { gpu: 'RTX A6000' } : {}),
      ...(run.shape === 'nodes' ? { nodes: nodeCount } : {}),
      storage: run.storage,
    },
    ...(run.setup ? { setup: setupOf(run) } : {}),
    command: commandOf(run),
    env: { EVIDENCE: evidence },
    files: {
      up: [{ from: basename(import.meta.filename), to: uploadedFile }, ...(elsewhere?.up ?? [])],
      down: [
        ...[resultFile, hostileJobOf(run)?.collects ?? []].flat().map((file) => ({ from: file, to: file })),
        ...(elsewhere?.down ?? []),
      ],
    },
  };
}

/** Whether a run has a feature. */
export function hasFeature({ features }: Pick<PlannedRun, 'features'>, feature: Feature): boolean {
  return features?.includes(feature) === true;
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
say() { printf '%s\\n' "$1"; printf '%s\\n' "$1" >> "$EVIDENCE/output-$m"; }`;

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

function commandOf(run: PlannedRun): string {
  const caps = run.kind === 'cap-duration' || run.kind === 'cap-cost';
  return `${prelude(run)}
echo "command $m $node" >> "$EVIDENCE/starts"
${surroundings}
[ -s ${uploadedFile} ] || exit 66
${hasFeature(run, 'files-from-elsewhere') ? lookAtDownloads(run) : ''}
${hasFeature(run, 'on-lease') ? lookAtGpus(run) : ''}
i=0
while [ $i -lt ${run.lines} ]; do
  i=$((i + 1))
  say "${run.id} $m line $i ${'.'.repeat(60)}"
  sleep ${run.pauseMs / 1000}
done
for token in "$${secretName}" "$${longSecretName}"; do
  token=$(printf %s "$token")
  printf 'token [%s]\\n' "$token"
  printf 'token [%s]\\n' "$(printf %s "$token" | sed 's/./*/g')" >> "$EVIDENCE/output-$m"
done
${caps ? 'sleep 900' : ''}
${run.kind === 'missing-output' ? '' : `printf 'result of ${run.id} on %s\\n' "$m" > ${resultFile}; cp ${resultFile} "$EVIDENCE/result-$m"`}
say "end of ${run.id} on $m"
${hasFeature(run, 'on-lease') ? 'note_use end' : ''}
echo "$m $node ${run.exitCode}" >> "$EVIDENCE/ends"
${hostileJobOf(run)?.script ?? ''}
exit ${run.exitCode}`;
}

/** Notes what the downloaded files are, and whether a link is still there. */
function lookAtDownloads(run: PlannedRun): string {
  const files = [...downloadsOf(run).keys()].join(' ');
  const folder = hasFeature(run, 'on-lease') ? '"$PWD"/..' : '"$HOME"';
  return `for f in ${files}; do echo "$m $f $(sha256sum 2>/dev/null < "inputs/$f" | cut -c 1-64)" >> "$EVIDENCE/inputs"; done
grep -rl ${signedLink.replace(/=$/, '[=]')} ${folder} >> "$EVIDENCE/links" 2>/dev/null || true`;
}

/** Notes which GPUs the run has from now on. */
function lookAtGpus({ gpus = 1 }: PlannedRun): string {
  return `note_use() { echo "$GPUC_SIM_INSTANCE $m $1 $(date +%s%3N) $CUDA_VISIBLE_DEVICES" >> "$EVIDENCE/uses"; }
[ "$(echo "$CUDA_VISIBLE_DEVICES" | tr , '\\n' | wc -l)" = ${gpus} ] || exit 72
note_use begin`;
}
