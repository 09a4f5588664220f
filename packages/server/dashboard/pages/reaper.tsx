import type { components } from '../../src/client.ts';
import { ago, clock, dollars, elapsed, words } from '../format.ts';
import { Figure, Loaded, Note, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { usePolled } from '../use-polled.ts';

type Reaper = components['schemas']['Reaper'];
type Report = NonNullable<Reaper['lastRun']>;
type Resource = Report['destroyed'][number];

/** The orphans, and what the reaper did about them. */
export function ReaperPage() {
  useTitle('Orphans');
  const { session } = useServer();
  const polled = usePolled('reaper', () => session.client.getReaper(), 15_000);
  return (
    <>
      <PageHeader title="Orphans" polled={polled} />
      <p>
        The reaper scans all clouds, and destroys what belongs to this fleet and has no live owner, or is past its
        deadline.
      </p>
      <Loaded polled={polled}>
        {(reaper) =>
          reaper.scheduled ? (
            <Scheduled reaper={reaper} />
          ) : (
            <Note tone="warn">
              The fleet has no reaper. Start it with <code>gpu-clouds reaper start</code>.
            </Note>
          )
        }
      </Loaded>
    </>
  );
}

function Scheduled({ reaper: { paused, dryRun, everySeconds = 0, nextRun, lastRun } }: { readonly reaper: Reaper }) {
  return (
    <>
      {paused ? <Note tone="warn">The reaper is paused: nothing is destroyed.</Note> : null}
      {dryRun ? <Note tone="warn">The reaper only reports: nothing is destroyed.</Note> : null}
      <dl class="figures">
        <Figure
          label="Scans"
          value={`every ${elapsed(everySeconds)}`}
          detail={nextRun === undefined ? undefined : `next at ${clock(nextRun)}`}
        />
        {lastRun === undefined ? null : (
          <>
            <Figure label="Latest scan" value={ago(lastRun.endedAt)} detail={clock(lastRun.endedAt)} />
            <Figure label="Orphaned" value={lastRun.waiting.length} detail={`${dollars(hourly(lastRun.waiting))}/h`} />
            <Figure label="Kept" value={lastRun.kept} detail="have an owner" />
          </>
        )}
      </dl>
      {lastRun === undefined ? <p class="empty">No scan has ended yet.</p> : <LatestScan report={lastRun} />}
    </>
  );
}

function LatestScan({ report: { waiting, destroyed, alarms, failures } }: { readonly report: Report }) {
  return (
    <>
      {failures.map(({ vendor, message }) => (
        <Note key={`${vendor} ${message}`} tone="bad">
          {vendor}: {message}
        </Note>
      ))}
      <Resources title="Needs attention, kept" resources={alarms} empty="Nothing." />
      <Resources title="Orphaned, in the grace period" resources={waiting} empty="Nothing." />
      <Resources title="Destroyed" resources={destroyed} empty="Nothing." />
    </>
  );
}

function Resources(props: { readonly title: string; readonly resources: readonly Resource[]; readonly empty: string }) {
  const { title, resources, empty } = props;
  return (
    <section>
      <h2>{title}</h2>
      <Table
        caption={title}
        rows={resources}
        columns={columns}
        empty={empty}
        rowKey={({ vendor, what, id }) => `${vendor}/${what}/${id}`}
      />
    </section>
  );
}

const columns = [
  { title: 'Cloud', cell: ({ vendor }: Resource) => vendor },
  { title: 'Resource', cell: ({ what }: Resource) => words(what) },
  { title: 'Why', cell: ({ why }: Resource) => words(why) },
  { title: 'Since', cell: ({ since }: Resource) => (since === undefined ? '' : ago(since)) },
  {
    title: 'Price',
    numeric: true,
    cell: ({ pricePerHour }: Resource) => (pricePerHour === undefined ? '' : `${dollars(pricePerHour)}/h`),
  },
  { title: 'Name', cell: ({ instanceName }: Resource) => <code>{instanceName}</code> },
];

function hourly(resources: readonly Resource[]): number {
  return resources.reduce((sum, { pricePerHour = 0 }) => sum + pricePerHour, 0);
}
