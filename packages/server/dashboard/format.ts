import { dollars } from '@gpu-clouds/jobs/kinds';
import type { components } from '../src/client.ts';

export { dollars };

/** Formats seconds, for example `4.2s`, `42s`, `3m 05s`, or `2h 07m`. */
export function elapsed(seconds: number): string {
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d ${two((seconds % 86_400) / 3600)}h`;
}

/** Returns how long ago a moment was, for example `3m 05s ago`. */
export function ago(time: string): string {
  return `${elapsed(Math.max(0, (Date.now() - Date.parse(time)) / 1000))} ago`;
}

/** Formats bytes, for example `12 B` or `1.5 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power === 0 || amount >= 100 ? 0 : 1)} ${units[power]}`;
}

/** Formats a time in the reader's own zone, for example `28 Nov, 14:05:09`. */
export function clock(time: string): string {
  return new Date(time).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}

/** Returns a state in words: `finding-offers` becomes `finding offers`. */
export function words(state: string): string {
  return state.replaceAll('-', ' ');
}

type Waiting = NonNullable<components['schemas']['Run']['waiting']>;

const waits: Readonly<Record<Waiting['reason'], string>> = {
  'no-offer': 'an offer',
  budget: 'the budget',
  lease: 'the lease',
};

/** Returns what a run waits for, for example `the budget`. */
export function waitsFor({ reason }: Pick<Waiting, 'reason'>): string {
  return waits[reason];
}

/** Formats the price of one GPU of an instance, for example `$2.10/h`. */
export function gpuPrice(instance: { readonly pricePerHour: number; readonly gpuCount: number }): string {
  return `${dollars(instance.pricePerHour / instance.gpuCount)}/h`;
}
