import type { components } from '../../src/client.ts';
import { clock, dollars } from '../format.ts';
import { Field, Figure, Loaded, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { useFilters } from '../use-filters.ts';
import { usePolled } from '../use-polled.ts';

type Cost = components['schemas']['Cost'];
type Account = components['schemas']['Budget']['accounts'][number];

const periods = [
  ['7', 'last 7 days'],
  ['30', 'last 30 days'],
  ['90', 'last 90 days'],
] as const;

/** What was spent, by day, cloud, GPU, and tag, against the budget. */
export function SpendPage() {
  useTitle('Spend');
  const { client } = useServer().session;
  const { filters, setFilter } = useFilters();
  const { days = '30', tag = '' } = filters;
  const since = midnight(Number(days) || 30);
  const load = async () => {
    const grouped = (by: Cost['by']) => client.getCost({ query: { since, by, tag: by === 'tag' ? tag : undefined } });
    const [budget, day, vendor, gpu] = await Promise.all([
      client.getBudget(),
      grouped('day'),
      grouped('vendor'),
      grouped('gpu'),
    ]);
    return { budget, day, vendor, gpu, tag: tag === '' ? undefined : await grouped('tag') };
  };
  const polled = usePolled(`spend ${since} ${tag}`, load, 60_000);
  return (
    <>
      <PageHeader title="Spend" polled={polled} />
      <search class="filters">
        <Field label="Period" value={days} onChange={(value) => setFilter('days', value)} choices={periods} />
        <Field
          label="By tag"
          value={tag}
          onChange={(value) => setFilter('tag', value)}
          choices={[['', 'none'], ...(polled.data?.day.tags ?? []).map((name) => [name, name] as const)]}
        />
      </search>
      <Loaded polled={polled}>
        {({ budget, day, vendor, gpu, tag: byTag }) => (
          <>
            <dl class="figures">
              <Figure label="Spent" value={dollars(day.total)} detail={`since ${clock(day.since)}`} />
              {budget.accounts.map((account) => (
                <Budget key={account.account} account={account} />
              ))}
            </dl>
            {budget.accounts.length === 0 ? (
              <p class="empty">
                There is no budget. Set one with <code>gpu-clouds budget set 50/day</code>.
              </p>
            ) : null}
            <Groups title="By day (UTC)" cost={day} />
            <Groups title="By cloud" cost={vendor} />
            <Groups title="By GPU" cost={gpu} />
            {byTag === undefined ? null : <Groups title={`By the tag ${tag}`} cost={byTag} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** Returns the beginning of the UTC day so many days ago, so that repeated requests are the same. */
function midnight(days: number): string {
  const dayMs = 86_400_000;
  return new Date(Math.floor(Date.now() / dayMs - days + 1) * dayMs).toISOString();
}

function Budget({ account: { account, limit, spent, reserved, left } }: { readonly account: Account }) {
  return (
    <Figure
      label={`Budget of ${account === 'fleet' ? 'the fleet' : account}`}
      value={`${dollars(left)} left`}
      detail={
        <>
          <Share value={(spent + reserved) / limit.dollars} />
          {dollars(spent)} spent and {dollars(reserved)} reserved of {dollars(limit.dollars)} per {limit.per}
        </>
      }
    />
  );
}

function Groups({ title, cost: { groups } }: { readonly title: string; readonly cost: Cost }) {
  type Group = Cost['groups'][number];
  const most = Math.max(...groups.map((group) => group.dollars), 0.000_001);
  return (
    <section>
      <h2>{title}</h2>
      <Table
        caption={title}
        rows={groups}
        rowKey={({ name }) => name}
        empty="Nothing was spent."
        columns={[
          { title: 'Name', cell: ({ name }: Group) => name },
          { title: 'Share', cell: (group) => <Share value={group.dollars / most} /> },
          { title: 'Runs', numeric: true, cell: ({ runs }) => runs },
          { title: 'Cost', numeric: true, cell: (group) => dollars(group.dollars) },
        ]}
      />
    </section>
  );
}

/** A bar beside the number that it stands for. */
function Share({ value }: { readonly value: number }) {
  return (
    <span class="share" aria-hidden="true">
      <span style={{ width: `${Math.min(100, value * 100).toFixed(1)}%` }} />
    </span>
  );
}
