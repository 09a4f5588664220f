import { type Job, parseJob } from '@gpu-clouds/jobs';
import type { PlannedRun } from './plan.ts';

/** Name of the secret that each command prints, to see it masked. */
export const secretName = 'CHAOS_TOKEN';
/** The file that a command leaves, to be brought back. */
export const resultFile = 'result.txt';
/** How many instances a run with several has. */
const nodeCount = 2;

/** How long a cap lets an instance live, in seconds: a little more than the least that runJob thinks worth renting for. */
const capSeconds = 64;
/** US dollars: about as long at the price of an RTX A6000, and of one at Verda with the large disk of a plan. */
const capDollars = { plain: 0.008, withLargeDisk: 0.058 };

/** US dollars a run may cost beyond any fault. @param dearest The highest hourly price among its instances. */
export function capOf(run: Pick<PlannedRun, 'kind' | 'storage'>, dearest: number): number {
  if (run.kind === 'cap-cost') return dollarsOf(run);
  if (run.kind === 'cap-duration') return (capSeconds / 3600) * dearest;
  return Number.POSITIVE_INFINITY;
}

function dollarsOf({ storage }: Pick<PlannedRun, 'storage'>): number {
  return storage === undefined ? capDollars.plain : capDollars.withLargeDisk;
}

/** Where the file of each of a run's machines is kept, among its outputs. */
export function keptFiles({ shape }: Pick<PlannedRun, 'shape'>): readonly string[] {
  if (shape === 'job-deployment') return ['answer.json'];
  if (shape === 'instance') return [resultFile];
  return Array.from({ length: nodeCount }, (_, rank) => `node-${rank}/${resultFile}`);
}

/**
 * The job, whose commands write down by themselves what they did, in a folder that no instance can lose: instances are processes here.
 * @param evidence Folder of this run's evidence; must exist.
 */
export function jobOf(run: PlannedRun, evidence: string): Job {
  const shaped = run.shape === 'job-deployment' ? inContainer(run) : onInstances(run, evidence);
  const limits = {
    maxDuration: run.kind === 'cap-duration' ? `${capSeconds}s` : '2h',
    ...(run.kind === 'cap-cost' ? { maxCost: dollarsOf(run) } : {}),
  };
  const input = { name: run.id, secrets: [secretName], limits, ...shaped };
  return parseJob(JSON.stringify(input), `${run.id}.json`);
}

function onInstances(run: PlannedRun, evidence: string) {
  return {
    resources: {
      vendors: run.vendors,
      ...(run.kind === 'cap-cost' ? { gpu: 'RTX A6000' } : {}),
      ...(run.shape === 'nodes' ? { nodes: nodeCount } : {}),
      ...(run.storage === undefined ? {} : { storage: run.storage }),
    },
    ...(run.setup ? { setup: setupOf(run) } : {}),
    command: commandOf(run),
    env: { EVIDENCE: evidence },
    files: { down: [{ from: resultFile, to: resultFile }] },
  };
}

/** All containers of the simulator do the same: they work as long as the query says, and fail where it says so. */
function inContainer(run: PlannedRun) {
  const seconds = run.kind === 'cap-duration' ? 900 : Math.ceil((run.lines * run.pauseMs) / 1000);
  const path = `/job?duration=${seconds}${run.kind === 'exit-code' ? '&failed=true' : ''}`;
  return {
    mode: 'job-deployment',
    container: { image: 'ghcr.io/verda-cloud/batch-jobs-example:1.0.1', port: 8000, path },
  };
}

/** GPUC_SIM_INSTANCE is unique to a simulated instance. What is appended in one short write is never torn. */
const prelude = `m=$GPUC_SIM_INSTANCE
node=$GPU_CLOUDS_NODE_RANK
say() { printf '%s\\n' "$1"; printf '%s\\n' "$1" >> "$EVIDENCE/output-$m"; }`;

function setupOf(run: PlannedRun): string {
  return `${prelude}
echo "setup $m $node" >> "$EVIDENCE/starts"
say "setup of ${run.id} on $m"
${run.kind === 'setup-fails' ? 'exit 9' : 'sleep 0.3'}`;
}

function commandOf(run: PlannedRun): string {
  const caps = run.kind === 'cap-duration' || run.kind === 'cap-cost';
  return `${prelude}
echo "command $m $node" >> "$EVIDENCE/starts"
i=0
while [ $i -lt ${run.lines} ]; do
  i=$((i + 1))
  say "${run.id} $m line $i ${'.'.repeat(60)}"
  sleep ${run.pauseMs / 1000}
done
printf 'token %s\\n' "$${secretName}"
printf 'token %s\\n' "$(printf %s "$${secretName}" | sed 's/./*/g')" >> "$EVIDENCE/output-$m"
${caps ? 'sleep 900' : ''}
${run.kind === 'missing-output' ? '' : `printf 'result of ${run.id} on %s\\n' "$m" > ${resultFile}; cp ${resultFile} "$EVIDENCE/result-$m"`}
say "end of ${run.id} on $m"
echo "$m $node ${run.exitCode}" >> "$EVIDENCE/ends"
exit ${run.exitCode}`;
}
