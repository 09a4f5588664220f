import { type Cost, difference, type MeasuredFeature } from './measure.ts';

const introduction = `# History cost of job features

\`pnpm job-features\` runs one small job for each feature on a local stack, one after the other, and writes this file. The figures of a run include all workflows
that it starts: the owners of its instances, and its notifications. Of workflows that runs share, such as the ledger of a budget or a lease, they include what the
run adds. A history may have 51,200 events and 50 MiB. State transitions are what a Temporal server is sized by.
Steady events are those that do not belong to workflow tasks. They are the same each time; how many workflow tasks there are depends on which messages arrive
together. The columns with + say what the feature adds to the job named in "than", or to the first one. Tests of the workflows limit the
steady events (\`workflows/test/steady-events.ts\`).`;

/** Returns `benchmarks/job-features.md`. */
export function reportOf(measured: readonly MeasuredFeature[]): string {
  const [smallest] = measured;
  const rows = measured.map(({ feature, cost }) => {
    const than = feature.than ?? smallest?.feature.name;
    const other = measured.find((one) => one.feature.name === than);
    const more = other === undefined || other.feature === feature ? undefined : difference(cost, other.cost);
    const added = more === undefined ? ['', ''] : [signed(more.steadyEvents), signed(more.bytes)];
    return [feature.name, ...figures(cost), ...added, feature.than ?? ''];
  });
  const head = ['feature', 'events', 'steady', 'bytes', 'transitions', '+ steady', '+ bytes', 'than'];
  return `${introduction}\n\n${table(head, rows)}\n`;
}

function figures({ events, steadyEvents, bytes, stateTransitions }: Cost): readonly string[] {
  return [events, steadyEvents, bytes, stateTransitions].map((number) => number.toLocaleString('en-US'));
}

function signed(number: number): string {
  const text = number.toLocaleString('en-US');
  return number < 0 ? text : `+${text}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
