import type { components } from '../src/client.ts';
import { clock } from './format.ts';

type Samples = components['schemas']['GpuSamples'];
type Series = readonly (number | null)[];

/** Utilization and memory of each GPU over time. */
export function GpuPlots({ samples: { nodes } }: { readonly samples: Samples }) {
  const sampled = nodes.filter(({ at }) => at.length > 0);
  if (sampled.length === 0) return null;
  return (
    <section>
      <h2>GPUs</h2>
      {sampled.map(({ node, at, gpus }) => (
        <div class="plots" key={node}>
          {gpus.map(({ utilization, memory }, gpu) => {
            const name = nodes.length > 1 ? `Node ${node}, GPU ${gpu}` : `GPU ${gpu}`;
            const [from = '', to = ''] = [at[0], at.at(-1)];
            return (
              <figure key={gpu}>
                <figcaption>
                  <strong>{name}</strong> <span class="line-busy">utilization {percent(utilization)}</span>,{' '}
                  <span class="line-memory">memory {percent(memory)}</span>
                </figcaption>
                <svg
                  viewBox="0 0 240 100"
                  preserveAspectRatio="none"
                  role="img"
                  aria-label={`${name}: utilization ${percent(utilization)}, memory ${percent(memory)}`}
                >
                  <path class="grid" d="M0 50H240" />
                  <Line series={memory} style="line-memory" />
                  <Line series={utilization} style="line-busy" />
                </svg>
                <p class="axis">
                  <time dateTime={from}>{clock(from)}</time>
                  <time dateTime={to}>{clock(to)}</time>
                </p>
              </figure>
            );
          })}
        </div>
      ))}
    </section>
  );
}

function Line({ series, style }: { readonly series: Series; readonly style: string }) {
  const step = 240 / Math.max(1, series.length - 1);
  let pen = 'M';
  const path = series.map((value, index) => {
    if (value === null) {
      pen = 'M';
      return '';
    }
    const point = `${pen}${(index * step).toFixed(1)} ${(100 - value).toFixed(1)}`;
    pen = 'L';
    return series.length === 1 ? `${point}H240` : point;
  });
  return <path class={style} d={path.join('')} vector-effect="non-scaling-stroke" />;
}

function percent(series: Series): string {
  const known = series.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const latest = known.at(-1);
  return latest === undefined ? 'unknown' : `${latest.toFixed(0)} % now, ${mean.toFixed(0)} % on average`;
}
