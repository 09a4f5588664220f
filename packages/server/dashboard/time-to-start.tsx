import type { components } from '../src/client.ts';
import { elapsed } from './format.ts';

type Run = components['schemas']['Run'];

const labels = {
  capacity: ['Capacity', 'finding an offer and creating the instance, failed ones included'],
  boot: ['Boot', 'until the cloud reported it as running'],
  ssh: ['SSH', 'until SSH answered'],
  setup: ['Setup', 'uploads, image, and setup script'],
} as const;

/** Where the time before the command went. */
export function TimeToStart({ run: { timeToStart } }: { readonly run: Run }) {
  const total = timeToStart.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total === 0) return null;
  return (
    <section>
      <h2>Time to start: {elapsed(total)}</h2>
      <div class="bar" aria-hidden="true">
        {timeToStart.map(({ step, seconds }) => (
          <span key={step} class={`step ${step}`} style={{ flexGrow: seconds / total }} />
        ))}
      </div>
      <dl class="legend">
        {timeToStart.map(({ step, seconds }) => (
          <div key={step}>
            <dt>
              <span class={`step ${step}`} aria-hidden="true" /> {labels[step][0]}
            </dt>
            <dd>
              {elapsed(seconds)} <small>{labels[step][1]}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
