import { documentOf } from './documents.ts';
import { evidence } from './generated/evidence.ts';
import type { Vendor } from './vendor.ts';

/** Returns the table of a vendor's operations and their sources, in Markdown. */
export function evidenceTable(vendor: Vendor): string {
  const sources = new Map<string, readonly string[]>(Object.entries(evidence[vendor]));
  const rows = documentOf(vendor).operations.map(({ id, isPublished }) => {
    const all = [...(isPublished ? ['document'] : []), ...(sources.get(id) ?? [])];
    return [`\`${id}\``, all.join(', ')] as const;
  });
  const width = Math.max(...rows.map(([id]) => id.length));
  const wide = Math.max(...rows.map(([, known]) => known.length));
  const line = (id: string, known: string) => `| ${id.padEnd(width)} | ${known.padEnd(wide)} |`;
  const rule = `| ${'-'.repeat(width)} | ${'-'.repeat(wide)} |`;
  return [line('operation', 'known by'), rule, ...rows.map((row) => line(...row))].join('\n');
}
