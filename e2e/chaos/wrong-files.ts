import type { RunRecord } from './run-record.ts';

/** Returns how the files that a run downloaded or sent are not what they should be, or undefined when they are. */
export function wrongFiles({ plan, elsewhere, evidence, reported }: RunRecord): string | undefined {
  if (elsewhere === undefined) return undefined;
  const { inputs = [], starts, ends, results } = evidence;
  const [first] = starts;
  if (plan.fileTrouble === 'other-bytes' && first !== undefined)
    return `its ${first.step} started, although the server had another file`;
  const { downloads, sent } = elsewhere;
  const wrong = inputs.find(({ file, sha256 }) => downloads.get(file) !== sha256);
  if (wrong !== undefined) return `${wrong.file} had the SHA-256 "${wrong.sha256}" on ${wrong.instance}`;
  for (const { instance } of ends) {
    const found = inputs.filter((input) => input.instance === instance).map(({ file }) => file);
    const missing = [...downloads.keys()].find((file) => !found.includes(file));
    if (missing !== undefined) return `its command on ${instance} had no ${missing}`;
  }
  if (reported?.outcome !== 'succeeded' && reported?.outcome !== 'failed') return undefined;
  const written = ends.map(({ instance }) => results.get(instance));
  return written.includes(sent) ? undefined : `the bucket has ${JSON.stringify(sent)} of it`;
}
