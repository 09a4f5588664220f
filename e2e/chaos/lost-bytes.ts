import type { Kept, RunRecord } from './run-record.ts';

/**
 * Bytes that a command which ended, and was reported so, wrote to its output or its result file, and that are not stored as they were
 * written. A lost instance's output is before it, however far it came.
 */
export function lostBytes(run: RunRecord): number {
  const { reported, kept } = run;
  if (reported?.outcome !== 'succeeded' && reported?.outcome !== 'failed') return 0;
  return kept.reduce((sum, one, node) => sum + lostOfNode(run, node, one), 0);
}

function lostOfNode({ plan, evidence }: RunRecord, node: number, kept: Kept): number {
  const last = evidence.starts.findLast((start) => start.node === node)?.instance;
  const ended = evidence.ends.filter((end) => end.node === node).map(({ instance }) => instance);
  // The first node that fails ends the job on the others: theirs may not have come to its end where the job was begun last.
  if (plan.shape === 'nodes' && !ended.some((instance) => instance === last)) return 0;
  const lostOutput = least(ended.map((instance) => missing(evidence.outputs.get(instance) ?? '', kept.output)));
  if (plan.kind === 'missing-output') return lostOutput;
  const lostFile = least(
    ended.map((instance) => {
      const written = evidence.results.get(instance) ?? '';
      return kept.file === written ? 0 : written.length;
    }),
  );
  return lostOutput + lostFile;
}

/** The command may have ended on more than one instance, when one was lost right after: any of them will do. */
function least(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/** How much of what was written is not at the end of what is stored; what is stored twice is wrong by as much. */
function missing(written: string, stored: string): number {
  if (stored.endsWith(written)) return 0;
  const begin = stored.lastIndexOf(written.split('\n', 1)[0] ?? '');
  const there = begin === -1 ? '' : stored.slice(begin);
  let same = 0;
  while (same < Math.min(there.length, written.length) && there[same] === written[same]) same += 1;
  return Math.max(1, written.length - same, there.length - same);
}
