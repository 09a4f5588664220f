import { type Job, parseJob } from '@gpu-clouds/workflows';
import type { PlannedRun } from './plan.ts';

/** Name of the secret that each command prints, to see it masked. */
export const secretName = 'CHAOS_TOKEN';
/** The file that a command leaves, to be brought back. */
export const resultFile = 'result.txt';

/** How long a cap lets a machine live, in seconds: a little more than the least that runJob thinks worth renting for. */
const capSeconds = 64;
/** US dollars: about as long at the price of an RTX A6000. */
const capDollars = 0.008;

/** US dollars a run may cost beyond any fault. @param dearest The highest hourly price among its machines. */
export function capOf(run: Pick<PlannedRun, 'kind'>, dearest: number): number {
  if (run.kind === 'cap-cost') return capDollars;
  if (run.kind === 'cap-duration') return (capSeconds / 3600) * dearest;
  return Number.POSITIVE_INFINITY;
}

/**
 * The job, whose commands write down by themselves what they did, in a folder that no machine can lose: machines are processes here.
 * @param evidence Folder of this run's evidence; must exist.
 */
export function jobOf(run: PlannedRun, evidence: string): Job {
  const input = {
    name: run.id,
    resources: { vendors: run.vendors, ...(run.kind === 'cap-cost' ? { gpu: 'RTX A6000' } : {}) },
    ...(run.setup ? { setup: setupOf(run) } : {}),
    command: commandOf(run),
    env: { EVIDENCE: evidence },
    secrets: [secretName],
    files: { down: [{ from: resultFile, to: resultFile }] },
    limits: {
      maxDuration: run.kind === 'cap-duration' ? `${capSeconds}s` : '2h',
      ...(run.kind === 'cap-cost' ? { maxCost: capDollars } : {}),
    },
  };
  return parseJob(JSON.stringify(input), `${run.id}.json`);
}

/** GPUC_SIM_INSTANCE is unique to a simulated machine. What is appended in one short write is never torn. */
const prelude = `m=$GPUC_SIM_INSTANCE
say() { printf '%s\\n' "$1"; printf '%s\\n' "$1" >> "$EVIDENCE/output-$m"; }`;

function setupOf(run: PlannedRun): string {
  return `${prelude}
echo "setup $m" >> "$EVIDENCE/starts"
say "setup of ${run.id} on $m"
${run.kind === 'setup-fails' ? 'exit 9' : 'sleep 0.3'}`;
}

function commandOf(run: PlannedRun): string {
  const caps = run.kind === 'cap-duration' || run.kind === 'cap-cost';
  return `${prelude}
echo "command $m" >> "$EVIDENCE/starts"
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
echo "$m ${run.exitCode}" >> "$EVIDENCE/ends"
exit ${run.exitCode}`;
}
