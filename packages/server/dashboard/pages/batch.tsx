import type { components } from '../../src/client.ts';
import { clock, dollars, elapsed } from '../format.ts';
import { Chip, type Column, Field, Figure, Loaded, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { useFilters } from '../use-filters.ts';
import { usePolled } from '../use-polled.ts';
import { ProgressBar, secondsOf } from './batches.tsx';

type Batch = components['schemas']['Batch'];
type Item = Batch['items'][number];

const itemStates: readonly Item['state'][] = [
  'running',
  'waiting',
  'succeeded',
  'failed',
  'stopped',
  'cancelled',
  'skipped',
];
const stateChoices = [['', 'all'], ...itemStates.map((state) => [state, state] as const)] as const;

/** The items of one batch, with their variables and links to their runs. */
export function BatchPage({ id = '' }: { readonly id?: string }) {
  useTitle(id);
  const { session } = useServer();
  const { filters, setFilter } = useFilters();
  const state = itemStates.find((one) => one === filters.state);
  const polled = usePolled(
    `batch ${id} ${state}`,
    () => session.client.getBatch({ path: { id }, query: { state } }),
    (batch) => (batch?.state === 'running' ? 5000 : 60_000),
  );
  return (
    <>
      <PageHeader title={id} polled={polled}>
        {polled.data === undefined ? null : <Chip state={polled.data.state} />}
      </PageHeader>
      <search class="filters">
        <Field
          label="State"
          value={state ?? ''}
          onChange={(value) => setFilter('state', value)}
          choices={stateChoices}
        />
      </search>
      <Loaded polled={polled}>
        {(batch) => (
          <>
            <Figures batch={batch} />
            <Table
              caption={`Items of ${id}`}
              columns={columnsFor(batch.items)}
              rows={batch.items}
              rowKey={({ index }) => String(index)}
              empty="No item matches."
            />
            {batch.matching > batch.items.length ? (
              <p class="empty">
                The first {batch.items.length} of {batch.matching} items are shown. Filter to see others.
              </p>
            ) : null}
          </>
        )}
      </Loaded>
    </>
  );
}

function Figures({ batch }: { readonly batch: Batch }) {
  const { name, progress, startedAt } = batch;
  return (
    <dl class="figures">
      <Figure label="Items" value={progress.total} detail={<ProgressBar progress={progress} />} />
      <Figure label="Failed" value={progress.failed} />
      <Figure label="Cost" value={dollars(progress.dollars)} detail="of the items that have ended" />
      <Figure label="Time" value={elapsed(secondsOf(batch))} />
      <Figure label="Started" value={clock(startedAt)} detail={name} />
    </dl>
  );
}

/** Each variable has a column of its own. */
function columnsFor(items: readonly Item[]): readonly Column<Item>[] {
  const variables = [...new Set(items.flatMap((item) => Object.keys(item.variables)))];
  return [
    { title: 'Item', numeric: true, cell: ({ index }) => index },
    { title: 'Run', cell: (item) => <Run item={item} /> },
    ...variables.map((variable) => ({ title: variable, cell: (item: Item) => item.variables[variable] ?? '' })),
    { title: 'State', cell: ({ state }) => <Chip state={state} /> },
    { title: 'Exit code', numeric: true, cell: ({ exitCode }) => exitCode ?? '' },
    { title: 'Cost', numeric: true, cell: (item) => (item.dollars === undefined ? '' : dollars(item.dollars)) },
    { title: 'Message', cell: ({ message }) => message ?? '' },
  ];
}

function Run({ item: { id, state } }: { readonly item: Item }) {
  return state === 'waiting' || state === 'skipped' ? (
    <span class="dim">none</span>
  ) : (
    <a href={`/runs/${encodeURIComponent(id)}`}>{id}</a>
  );
}
