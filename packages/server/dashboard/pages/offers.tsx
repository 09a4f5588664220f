import type { components } from '../../src/client.ts';
import { dollars, gpuPrice } from '../format.ts';
import { Field, Loaded, Note, PageHeader, Table, useTitle } from '../parts.tsx';
import { useServer } from '../session.ts';
import { listOf, useFilters } from '../use-filters.ts';
import { usePolled } from '../use-polled.ts';

type Offer = components['schemas']['Offer'];
type Vendor = Offer['vendor'];

const vendors = ['verda', 'gpu-ai', 'massed-compute', 'tensordock'] as const satisfies readonly Vendor[];
const vendorChoices = [['', 'all'], ...vendors.map((vendor) => [vendor, vendor] as const)] as const;
const spots = ['allow', 'only', 'never'] as const;
const spotChoices = [
  ['allow', 'with spot'],
  ['never', 'without spot'],
  ['only', 'only spot'],
] as const;

/** What can be rented now. */
export function OffersPage() {
  useTitle('Offers');
  const { session } = useServer();
  const { filters, key, setFilter } = useFilters();
  const { gpu = '', region = '', vendor = '', spot = 'allow', maxPrice = '', memory = '' } = filters;
  const load = () =>
    session.client.listOffers({
      query: {
        gpu: listOf(gpu),
        region: listOf(region),
        vendor: vendors.find((known) => known === vendor),
        spot: spots.find((known) => known === spot),
        maxPrice: Number(maxPrice) > 0 ? Number(maxPrice) : undefined,
        memory: Number(memory) > 0 ? Number(memory) : undefined,
      },
    });
  const polled = usePolled(`offers?${key}`, load, 60_000);
  return (
    <>
      <PageHeader title="Offers" polled={polled} />
      <search class="filters">
        <Field label="GPU" value={gpu} onChange={(value) => setFilter('gpu', value)} hint="H100, A100-80GB:4" />
        <Field label="Memory of a GPU, GiB" value={memory} onChange={(value) => setFilter('memory', value)} hint="80" />
        <Field label="Cloud" value={vendor} onChange={(value) => setFilter('vendor', value)} choices={vendorChoices} />
        <Field label="Region" value={region} onChange={(value) => setFilter('region', value)} hint="FIN" />
        <Field label="Spot" value={spot} onChange={(value) => setFilter('spot', value)} choices={spotChoices} />
        <Field label="At most $/h" value={maxPrice} onChange={(value) => setFilter('maxPrice', value)} hint="3" />
      </search>
      <Loaded polled={polled}>
        {({ offers, matching, notes }) => (
          <>
            {notes.map((note) => (
              <Note key={note} tone="warn">
                {note}
              </Note>
            ))}
            <Table
              caption="Offers, cheapest first"
              columns={columns}
              rows={offers}
              rowKey={(_, index) => String(index)}
              empty="No offer matches. Relax the filters, or try again later."
            />
            {matching > offers.length ? <p class="empty">{matching - offers.length} more match.</p> : null}
          </>
        )}
      </Loaded>
    </>
  );
}

const columns = [
  {
    title: 'GPU',
    cell: ({ gpuCount, gpu, spot }: Offer) => (
      <>
        <strong>
          {gpuCount}x {gpu}
        </strong>
        {spot ? <span class="tag">spot</span> : null}
      </>
    ),
  },
  { title: 'GPU memory', numeric: true, cell: ({ gpuMemory }: Offer) => `${gpuMemory} GiB` },
  { title: 'vCPUs', numeric: true, cell: ({ vcpus }: Offer) => vcpus },
  { title: 'RAM', numeric: true, cell: ({ memory }: Offer) => (memory === undefined ? '' : `${memory} GiB`) },
  { title: 'Cloud', cell: ({ vendor }: Offer) => vendor },
  { title: 'Region', cell: ({ region }: Offer) => region },
  { title: 'Left', numeric: true, cell: ({ available }: Offer) => available },
  { title: 'Per GPU', numeric: true, cell: gpuPrice },
  { title: 'Price', numeric: true, cell: ({ pricePerHour }: Offer) => <strong>{dollars(pricePerHour)}/h</strong> },
];
