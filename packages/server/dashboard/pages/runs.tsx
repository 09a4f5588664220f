import type { components } from '../../src/client.ts';
import { ago, dollars, elapsed, waitsFor, words } from '../format.ts';
import { Chip, Field, Loaded, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { listOf, useFilters } from '../use-filters.ts';
import { usePolled } from '../use-polled.ts';

type Run = components['schemas']['RunSummary'];

const states = ['active', 'running', 'succeeded', 'failed', 'stopped', 'cancelled'] as const;
const stateChoices = [['', 'all'], ...states.map((state) => [state, state] as const)] as const;
const periods = { '': 'any time', '1': 'last hour', '24': 'last day', '168': 'last week' };

/** The runs, newest first. */
export function RunsPage() {
  useTitle('Runs');
  const { session } = useServer();
  const { filters, key, setFilter } = useFilters();
  const { state = '', tag = '', since = '' } = filters;
  const polled = usePolled(`runs?${key}`, () => {
    const hours = Number(since);
    return session.client.listRuns({
      query: {
        state: state || undefined,
        tag: listOf(tag),
        since: hours > 0 ? new Date(Date.now() - hours * 3_600_000).toISOString() : undefined,
      },
    });
  });
  return (
    <>
      <PageHeader title="Runs" polled={polled} />
      <search class="filters">
        <Field label="State" value={state} onChange={(value) => setFilter('state', value)} choices={stateChoices} />
        <Field
          label="Started"
          value={since}
          onChange={(value) => setFilter('since', value)}
          choices={Object.entries(periods)}
        />
        <Field label="Tags" value={tag} onChange={(value) => setFilter('tag', value)} hint="team=vision" />
      </search>
      <Loaded polled={polled}>
        {({ runs, more }) => (
          <>
            <Table caption="Runs" columns={columns} rows={runs} rowKey={({ id }) => id} empty="No run matches." />
            {more ? (
              <p class="empty">There may be more: only the newest are searched and shown. Filter to see others.</p>
            ) : null}
          </>
        )}
      </Loaded>
    </>
  );
}

const columns = [
  { title: 'Run', cell: ({ id }: Run) => <a href={`/runs/${encodeURIComponent(id)}`}>{id}</a> },
  { title: 'State', cell: (run: Run) => <RunState run={run} /> },
  { title: 'Instance', cell: (run: Run) => instanceOf(run) },
  { title: 'Time', numeric: true, cell: ({ elapsedSeconds }: Run) => elapsed(elapsedSeconds) },
  { title: 'Cost', numeric: true, cell: ({ cost }: Run) => dollars(cost) },
  { title: 'Cap', numeric: true, cell: ({ maxCost }: Run) => (maxCost === undefined ? 'none' : dollars(maxCost)) },
  { title: 'Started', cell: ({ startedAt }: Run) => <time dateTime={startedAt}>{ago(startedAt)}</time> },
  { title: 'Tags', cell: ({ tags }: Run) => <Tags tags={tags} /> },
];

/** What a run does now, or how it ended. */
export function RunState({ run: { state, waiting, exitCode } }: { readonly run: Run }) {
  return (
    <>
      <Chip state={waiting === undefined ? state : 'waiting'} />
      {waiting === undefined ? null : ` for ${waitsFor(waiting)}`}
      {exitCode === undefined || exitCode === 0 ? null : <small> exit code {exitCode}</small>}
    </>
  );
}

/** The tags of a run. */
export function Tags({ tags }: { readonly tags: Run['tags'] }) {
  return (
    <>
      {Object.entries(tags).map(([key, value]) => (
        <span class="tag" key={key}>
          {key}={value}
        </span>
      ))}
    </>
  );
}

function instanceOf({ instance, nodes, ended, state, pricePerHour }: Run) {
  if (instance === undefined) return <span class="dim">{ended ? 'none' : words(state)}</span>;
  const { gpuCount, gpu, vendor, region, spot } = instance;
  return (
    <>
      {nodes > 1 ? `${nodes} × ` : ''}
      {gpuCount}x {gpu}
      {spot ? ' spot' : ''}
      <small>
        {' '}
        {vendor}, {region}
        {pricePerHour > 0 ? `, ${dollars(pricePerHour)}/h` : ''}
      </small>
    </>
  );
}
