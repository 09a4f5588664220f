import { useState } from 'preact/hooks';
import type { components } from '../../src/client.ts';
import { InstanceAlarms } from '../alarms.tsx';
import { clock, dollars, elapsed, size, words } from '../format.ts';
import { GpuPlots } from '../gpu-plots.tsx';
import { OutputView } from '../output-view.tsx';
import { Chip, ConfirmedButton, Figure, Loaded, Note, PageHeader, Table, useTitle } from '../parts.tsx';
import { type Session, useServer } from '../session.ts';
import { TimeToStart } from '../time-to-start.tsx';
import { messageOf, usePolled } from '../use-polled.ts';
import { RunState, Tags } from './runs.tsx';

type Run = components['schemas']['Run'];

/** Everything about one run, also long after it has ended. */
export function RunPage({ id = '' }: { readonly id?: string }) {
  useTitle(id);
  const { session, scope, temporalUrl } = useServer();
  const mayEnd = scope === 'admin' || scope === 'run';
  const { client } = session;
  const path = { id };
  const polled = usePolled(
    `run ${id}`,
    () => client.getRun({ path }),
    (run) => (run?.ended ? 60_000 : 3000),
  );
  const isEnded = polled.data?.ended === true;
  const rarely = isEnded ? 60_000 : 15_000;
  const gpus = usePolled(`gpus ${id} ${isEnded}`, () => client.getGpus({ path }), rarely);
  const files = usePolled(`files ${id} ${isEnded}`, () => client.listArtifacts({ path }), rarely);
  const refresh = () => {
    for (const each of [polled, gpus, files]) each.refresh();
  };
  return (
    <>
      <PageHeader title={id} polled={{ ...polled, refresh }}>
        {polled.data === undefined ? null : <RunState run={polled.data} />}
        {mayEnd && polled.data?.ended === false ? <EndButtons session={session} id={id} onDone={refresh} /> : null}
      </PageHeader>
      <Loaded polled={polled}>
        {(run) => (
          <>
            {run.message === undefined ? null : (
              <Note tone={run.state === 'failed' ? 'bad' : 'warn'}>{run.message}</Note>
            )}
            {run.waiting === undefined ? null : (
              <Note tone="warn">
                {run.waiting.message} The run gives up at {clock(run.waiting.until)}.
              </Note>
            )}
            <InstanceAlarms instances={run.instances.filter(({ until }) => until === undefined)} />
            <Figures run={run} />
            <TimeToStart run={run} />
            <OutputView session={session} id={id} nodes={run.nodes} attempts={run.attempts.length} />
            {gpus.data === undefined ? null : <GpuPlots samples={gpus.data} />}
            <Failures run={run} />
            <Instances run={run} />
            <Timeline run={run} />
            <Artifacts session={session} id={id} files={files.data?.artifacts ?? []} isEnded={run.ended} />
            {temporalUrl === undefined ? null : (
              <p>
                <a href={`${temporalUrl}${encodeURIComponent(id)}`} rel="noreferrer">
                  The run in Temporal's web interface
                </a>
              </p>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function EndButtons(props: { readonly session: Session; readonly id: string; readonly onDone: () => void }) {
  const { session, id, onDone } = props;
  const path = { id };
  return (
    <span class="buttons">
      <ConfirmedButton
        label="Stop"
        question={`Stop ${id}?`}
        meaning="Its command gets SIGTERM, its files come back, and its instances are destroyed. It bills until then."
        act={() => session.client.stopRun({ path })}
        onDone={onDone}
      />
      <ConfirmedButton
        label="Cancel"
        question={`Cancel ${id}?`}
        meaning="Its instances are destroyed at once. Files on them that are not stored yet are lost."
        act={() => session.client.cancelRun({ path })}
        onDone={onDone}
      />
    </span>
  );
}

function BatchLink({ id }: { readonly id: string }) {
  return (
    <>
      in the batch <a href={`/batches/${encodeURIComponent(id)}`}>{id}</a>
    </>
  );
}

function Figures({ run }: { readonly run: Run }) {
  const { cost, maxCost, elapsedSeconds, maxDuration, pricePerHour, idleDollars, startedAt, tags, schedule, batch } =
    run;
  return (
    <dl class="figures">
      <Figure
        label="Cost"
        value={dollars(cost)}
        detail={maxCost === undefined ? 'no cap' : `of at most ${dollars(maxCost)}`}
      />
      <Figure label="Time" value={elapsed(elapsedSeconds)} detail={`of at most ${maxDuration}`} />
      <Figure
        label="Now"
        value={`${dollars(pricePerHour)}/h`}
        detail={run.ended ? 'nothing bills' : words(run.state)}
      />
      {!idleDollars ? null : <Figure label="Idle" value={dollars(idleDollars)} detail="while all GPUs were idle" />}
      <Figure
        label="Started"
        value={clock(startedAt)}
        detail={schedule === undefined ? batch && <BatchLink id={batch} /> : `by the schedule ${schedule}`}
      />
      {Object.keys(tags).length === 0 ? null : <Figure label="Tags" value={<Tags tags={tags} />} />}
    </dl>
  );
}

function Failures({ run: { failures } }: { readonly run: Run }) {
  if (failures.length === 0) return null;
  type Failure = Run['failures'][number];
  return (
    <section>
      <h2>Offers that failed</h2>
      <Table
        caption="Offers that failed, and why"
        rows={failures}
        rowKey={({ at }, index) => `${at} ${index}`}
        empty=""
        columns={[
          { title: 'At', cell: ({ at }: Failure) => clock(at) },
          {
            title: 'Offer',
            cell: ({ vendor, offer }) =>
              offer === undefined
                ? `all of ${vendor}`
                : `${offer.gpuCount}x ${offer.gpu} at ${vendor}, ${offer.region}, ${dollars(offer.pricePerHour)}/h`,
          },
          {
            title: 'Why',
            cell: ({ kind, message }) => (
              <>
                <strong>{words(kind)}</strong> {message}
              </>
            ),
          },
        ]}
      />
    </section>
  );
}

function Instances({ run: { instances, nodes } }: { readonly run: Run }) {
  type Instance = Run['instances'][number];
  return (
    <section>
      <h2>Instances</h2>
      <Table
        caption="Instances of the run"
        rows={instances}
        rowKey={({ instanceName }) => instanceName}
        empty="None yet."
        columns={[
          {
            title: 'Instance',
            cell: ({ gpuCount, gpu, vendor, region }: Instance) => `${gpuCount}x ${gpu} at ${vendor}, ${region}`,
          },
          ...(nodes > 1 ? [{ title: 'Node', cell: ({ node }: Instance) => node, numeric: true }] : []),
          {
            title: 'State',
            cell: ({ until, teardownStuckSince }) => (
              <Chip
                state={until !== undefined ? 'gone' : teardownStuckSince === undefined ? 'bills' : 'teardown stuck'}
              />
            ),
          },
          { title: 'Price', numeric: true, cell: ({ pricePerHour }) => `${dollars(pricePerHour)}/h` },
          { title: 'Cost', numeric: true, cell: ({ cost }) => dollars(cost) },
          { title: 'SSH', cell: ({ ssh }) => (ssh === undefined ? null : <code>{ssh}</code>) },
          { title: 'Name', cell: ({ instanceName }) => <code>{instanceName}</code> },
        ]}
      />
    </section>
  );
}

function Timeline({ run: { phases } }: { readonly run: Run }) {
  const ends = phases.map((_, index) => phases.slice(0, index + 1).reduce((sum, { seconds }) => sum + seconds, 0));
  const rows = phases.map((phase, index) => ({ ...phase, at: (ends[index] ?? 0) - phase.seconds }));
  type Row = (typeof rows)[number];
  return (
    <section>
      <h2>Timeline</h2>
      <Table
        caption="Phases with their time and cost"
        rows={rows}
        rowKey={(_, index) => String(index)}
        empty="No worker has answered yet."
        columns={[
          { title: 'At', cell: ({ at }: Row) => elapsed(at) },
          { title: 'Phase', cell: ({ phase }) => words(phase) },
          { title: 'Time', numeric: true, cell: ({ seconds }) => elapsed(seconds) },
          { title: 'Cost', numeric: true, cell: (row) => dollars(row.dollars) },
        ]}
      />
    </section>
  );
}

function Artifacts(props: {
  readonly session: Session;
  readonly id: string;
  readonly files: components['schemas']['Artifacts']['artifacts'];
  readonly isEnded: boolean;
}) {
  const { session, id, files, isEnded } = props;
  const [failure, setFailure] = useState<string>();
  const save = (path: string) => {
    setFailure(undefined);
    download(session, id, path).catch((error: unknown) => setFailure(messageOf(error)));
  };
  return (
    <section>
      <h2>Artifacts</h2>
      {failure === undefined ? null : <Note tone="bad">{failure}</Note>}
      <Table
        caption="Files that the run brought back"
        rows={files}
        rowKey={({ path }) => path}
        empty={isEnded ? 'The run brought no files back.' : 'None yet.'}
        columns={[
          {
            title: 'File',
            cell: ({ path }: (typeof files)[number]) => (
              <button type="button" class="link" onClick={() => save(path)}>
                {path}
              </button>
            ),
          },
          { title: 'Size', numeric: true, cell: (file) => size(file.size) },
        ]}
      />
      {files.length === 0 ? null : (
        <p class="empty">
          All of them, and large ones: <code>gpu-clouds outputs {id} --to FOLDER</code>
        </p>
      )}
    </section>
  );
}

/** A link cannot carry the token, so the file passes through the page. */
async function download({ request }: Session, id: string, path: string): Promise<void> {
  const response = await request(`/api/runs/${encodeURIComponent(id)}/artifact?path=${encodeURIComponent(path)}`);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: path.split('/').at(-1) ?? path });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
