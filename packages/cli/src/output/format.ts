export { dollars } from '@gpu-clouds/jobs/kinds';

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Formats a number of bytes, for example `12 B`, `1.5 MB`, or `120 GB`. */
export function size(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power === 0 || amount >= 100 ? 0 : 1)} ${units[power]}`;
}

/** Formats a number of things, for example `1 file` or `3 files`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Formats milliseconds, for example `4.2s`, `3m 05s`, or `2h 07m`. */
export function elapsed(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two((seconds % 3600) / 60)}m`;
}

/** Formats a time to the second, for example `2026-11-28T23:40:00Z`. */
export function moment(time: Date | string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
