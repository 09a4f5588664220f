import type { components } from '../../src/client.ts';
import { InstanceAlarms } from '../alarms.tsx';
import { ago, clock, dollars } from '../format.ts';
import { Chip, ConfirmedButton, Figure, Loaded, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { usePolled } from '../use-polled.ts';

type Instance = components['schemas']['Instances']['instances'][number];

/** What bills now, and for whom. */
export function InstancesPage() {
  useTitle('Instances');
  const { session, scope } = useServer();
  const polled = usePolled('instances', () => session.client.listInstances());
  const actions = {
    title: 'End',
    cell: (instance: Instance) => <Release instance={instance} onDone={polled.refresh} />,
  };
  return (
    <>
      <PageHeader title="Instances now" polled={polled} />
      <Loaded polled={polled}>
        {({ instances, pricePerHour }) => (
          <>
            <dl class="figures">
              <Figure
                label="All together"
                value={`${dollars(pricePerHour)}/h`}
                detail={`${instances.length} instances`}
              />
            </dl>
            <InstanceAlarms instances={instances} />
            <Table
              caption="Instances that exist now"
              columns={scope === 'admin' ? [...columns, actions] : columns}
              rows={instances}
              rowKey={({ instanceName }) => instanceName}
              empty="No instance exists, so nothing bills."
            />
          </>
        )}
      </Loaded>
    </>
  );
}

const columns = [
  { title: 'Owner', cell: ({ owner }: Instance) => <Owner owner={owner} /> },
  {
    title: 'Instance',
    cell: ({ gpus, vendor, region }: Instance) => `${gpus ?? ''} at ${[vendor, region].filter(Boolean).join(', ')}`,
  },
  { title: 'State', cell: ({ state }: Instance) => <Chip state={state} /> },
  {
    title: 'Price',
    numeric: true,
    cell: ({ pricePerHour }: Instance) => (pricePerHour === undefined ? 'unknown' : `${dollars(pricePerHour)}/h`),
  },
  { title: 'Cost', numeric: true, cell: ({ cost }: Instance) => (cost === undefined ? 'unknown' : dollars(cost)) },
  { title: 'Since', cell: ({ since }: Instance) => ago(since) },
  {
    title: 'Ends by',
    cell: ({ mustEndBy }: Instance) => (mustEndBy === undefined ? 'the caps of the run' : clock(mustEndBy)),
  },
  { title: 'Name', cell: ({ instanceName }: Instance) => <code>{instanceName}</code> },
];

function Owner({ owner: { what, id, name } }: { readonly owner: Instance['owner'] }) {
  return what === 'lease' ? <>lease {name}</> : <a href={`/runs/${encodeURIComponent(id)}`}>{id}</a>;
}

function Release({ instance, onDone }: { readonly instance: Instance; readonly onDone: () => void }) {
  const { session } = useServer();
  const { what, id, name } = instance.owner;
  if (what === 'run') return <a href={`/runs/${encodeURIComponent(id)}`}>Open the run</a>;
  return (
    <ConfirmedButton
      label="Release"
      question={`Release the lease ${name}?`}
      meaning="Its instance and everything on it is destroyed. It bills until then."
      act={() => session.client.releaseLease({ path: { id } })}
      onDone={onDone}
    />
  );
}
