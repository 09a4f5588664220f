import type { JobInput } from '@gpu-clouds/jobs';
import type { SourceFiles } from '../chaos/file-source.ts';

type Files = Extract<JobInput, { command: string }>['files'];

/** A job with one feature, and what its cost is compared with. */
export interface Feature {
  readonly name: string;
  /** Merged into the smallest job. */
  readonly job?: Partial<JobInput> | undefined;
  /** Chooses among the files on a web server and in a bucket. */
  readonly files?: ((source: SourceFiles) => Files) | undefined;
  /** What the run uses beside the job. */
  readonly with?: 'budget' | 'lease' | 'schedule' | undefined;
  /** Name of the feature to compare with. Default: the smallest job. */
  readonly than?: string | undefined;
}

const idle = { setup: 'for gpu in 1 2 3 4 5 6 7 8; do echo "0 0 30"; done > ~/.gpu-load', command: 'sleep 30' };
/** The file that commands make. */
export const made = 'made.txt';
/** No offer is that cheap, so the run fails. */
const unaffordable = { maxPricePerHour: 0.001 };

/** The smallest job first. */
export const features: readonly Feature[] = [
  { name: 'a job with a command only' },
  { name: 'setup', job: { setup: 'true' } },
  {
    name: 'files.down',
    job: { command: `echo made > ${made}`, files: { down: [{ from: made, to: made }] } },
  },
  { name: 'files.up, a folder', job: { files: { up: [{ from: 'programs', to: 'code' }] } } },
  { name: 'files.up from https', files: ({ up: [web] }) => ({ up: web && [web] }) },
  { name: 'files.up from S3, two objects', files: ({ up: [, bucket] }) => ({ up: bucket && [bucket] }) },
  { name: 'files.down to S3', job: { command: `echo made > ${made}` }, files: ({ down }) => ({ down: [...down] }) },
  { name: 'resources.anyOf', job: { resources: { anyOf: [{ gpu: 'L40S' }, { gpu: 'A100' }, { gpu: 'H100' }] } } },
  { name: 'resources.nodes: 2', job: { resources: { nodes: 2 } } },
  { name: 'container', job: { container: { image: 'me/job:1' } } },
  { name: 'tty', job: { tty: true } },
  { name: 'checkpoint', job: { checkpoint: { folder: 'state', every: '1m' } } },
  {
    name: 'retry.onFailure, one more attempt',
    job: { command: '[ -f tried ] || { touch tried; exit 1; }', retry: { onFailure: { attempts: 1 } } },
  },
  {
    name: 'limits.maxSetup, maxCommand',
    job: { setup: 'true', limits: { maxSetup: '1h', maxCommand: '1h' } },
    than: 'setup',
  },
  { name: 'GPU samples, idle', job: idle, than: 'setup' },
  {
    name: 'limits.idleGpu, reached',
    // biome-ignore lint/suspicious/noThenProperty: the field has this name, and it is never a function.
    job: { ...idle, limits: { idleGpu: { for: '1s', then: 'warn' } } },
    than: 'GPU samples, idle',
  },
  { name: 'notify, one webhook', job: { notify: [{ webhook: 'NOTIFY_URL', format: 'slack' }] } },
  { name: 'a budget', with: 'budget' },
  { name: 'a schedule', with: 'schedule' },
  { name: 'on a lease', with: 'lease' },
  { name: 'no offer', job: { limits: unaffordable } },
  {
    name: 'retry.onNoOffer, until it is over',
    job: { limits: unaffordable, retry: { onNoOffer: '5s' } },
    than: 'no offer',
  },
];
