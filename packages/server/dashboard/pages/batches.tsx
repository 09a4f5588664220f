import type { components } from '../../src/client.ts';
import { ago, dollars, elapsed } from '../format.ts';
import { Chip, Loaded, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { usePolled } from '../use-polled.ts';

type Batch = components['schemas']['Batches']['batches'][number];
type Progress = components['schemas']['Batch']['progress'];

/** The batches, newest first. */
export function BatchesPage() {
  useTitle('Batches');
  const { session } = useServer();
  const polled = usePolled('batches', () => session.client.listBatches(), 10_000);
  return (
    <>
      <PageHeader title="Batches" polled={polled} />
      <Loaded polled={polled}>
        {({ batches, more }) => (
          <>
            <Table caption="Batches" columns={columns} rows={batches} rowKey={({ id }) => id} empty="No batches." />
            {more ? <p class="empty">Only the newest are shown.</p> : null}
          </>
        )}
      </Loaded>
    </>
  );
}

const columns = [
  { title: 'Batch', cell: ({ id }: Batch) => <a href={`/batches/${encodeURIComponent(id)}`}>{id}</a> },
  { title: 'Job', cell: ({ name }: Batch) => name },
  { title: 'State', cell: ({ state }: Batch) => <Chip state={state} /> },
  { title: 'Progress', cell: ({ progress }: Batch) => <ProgressBar progress={progress} /> },
  {
    title: 'Failed',
    numeric: true,
    cell: ({ progress }: Batch) => (progress === undefined ? 'unknown' : progress.failed),
  },
  {
    title: 'Cost',
    numeric: true,
    cell: ({ progress }: Batch) => (progress === undefined ? 'unknown' : dollars(progress.dollars)),
  },
  { title: 'Time', numeric: true, cell: (batch: Batch) => elapsed(secondsOf(batch)) },
  { title: 'Started', cell: ({ startedAt }: Batch) => <time dateTime={startedAt}>{ago(startedAt)}</time> },
];

/** How many items have ended, as a bar and in words. */
export function ProgressBar({ progress }: { readonly progress: Progress | undefined }) {
  if (progress === undefined) return <span class="dim">no worker answers</span>;
  const { total, done, running } = progress;
  const text = `${done} of ${total} ended${running === 0 ? '' : `, ${running} running`}`;
  return (
    <>
      <progress value={done} max={total} aria-label={text} /> <small>{text}</small>
    </>
  );
}

/** Returns how long a batch has taken so far. */
export function secondsOf({ startedAt, endedAt }: Pick<Batch, 'startedAt' | 'endedAt'>): number {
  const until = endedAt === undefined ? Date.now() : Date.parse(endedAt);
  return Math.max(0, (until - Date.parse(startedAt)) / 1000);
}
