import { hasContainer, hostileJobOf, plannedRepeats, secondOutput } from './job-of-run.ts';
import type { Kept, RunRecord } from './run-record.ts';

/**
 * Counts the bytes of output and result file that ended commands wrote but that are not stored as written. Counts only runs whose reported
 * outcome is `succeeded` or `failed`. Output of an earlier, lost instance may come before it.
 */
export function lostBytes(run: RunRecord): number {
  const { reported, kept } = run;
  if (reported?.outcome !== 'succeeded' && reported?.outcome !== 'failed') return 0;
  if (hostileJobOf(run.plan)?.garblesOutput) return 0;
  return kept.reduce((sum, one, node) => sum + lostOfNode(run, node, one), 0);
}

function lostOfNode({ plan, evidence }: RunRecord, node: number, kept: Kept): number {
  const last = evidence.starts.findLast((start) => start.node === node)?.instance;
  const instances = new Set(evidence.starts.filter((start) => start.node === node).map(({ instance }) => instance));
  const ended = evidence.ends.filter((end) => end.node === node).map(({ instance }) => instance);
  // The first node that fails ends the job on the other nodes, so their latest command may not have reached its end.
  if (plan.shape === 'nodes' && !ended.some((instance) => instance === last)) return 0;
  // Preparing a container has output of its own.
  const mayFollowOther = instances.size > 1 || hasContainer(plan);
  const lostOutput = least(
    ended.map((instance) => missing(evidence.outputs.get(instance) ?? '', kept.output, mayFollowOther)),
  );
  const hasSecond = kept.again !== undefined && plannedRepeats(plan) > 0;
  const lostAgain = hasSecond ? lostOfSecond(ended, evidence.outputs, kept.again) : 0;
  if (plan.kind === 'missing-output') return lostOutput;
  const lostFile = least(
    ended.flatMap((instance) => {
      const written = evidence.results.get(instance);
      // A job of the kind `resumes` that is to run again.
      if (written === undefined) return [];
      return kept.file === written ? 0 : written.length;
    }),
  );
  return lostOutput + lostAgain + lostFile;
}

/** The second attempt is on one of the instances, after the first one or alone. */
function lostOfSecond(ended: readonly string[], outputs: ReadonlyMap<string, string>, kept: string): number {
  if (ended.length < 2) return 0;
  const written = ended.flatMap((instance) => outputs.get(`${instance}${secondOutput}`) ?? outputs.get(instance) ?? []);
  return least(written.map((output) => missing(output, kept, true)));
}

/** Returns the smallest count. The command may have ended on several instances if one was lost right after, and any of them may be stored. */
function least(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/**
 * Counts the bytes by which the end of the stored output differs from the written output. Duplicate bytes count too.
 * @param mayFollowOther Whether other output may come before it.
 */
function missing(written: string, stored: string, mayFollowOther: boolean): number {
  if (mayFollowOther ? stored.endsWith(written) : stored === written) return 0;
  const begin = stored.lastIndexOf(written.split('\n', 1)[0] ?? '');
  const found = begin === -1 ? '' : stored.slice(begin);
  let same = 0;
  while (same < Math.min(found.length, written.length) && found[same] === written[same]) same += 1;
  return Math.max(1, written.length - same, found.length - same, mayFollowOther ? 0 : stored.length - written.length);
}
