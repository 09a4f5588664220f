import { documentOf } from './documents.ts';
import type { Evidence } from './evidence.ts';
import { gpuAiEvidence } from './gpu-ai/evidence.ts';
import { massedComputeEvidence } from './massed-compute/evidence.ts';
import type { OperationIds } from './operation-ids.ts';
import { tensorDockEvidence } from './tensordock/evidence.ts';
import type { Vendor } from './vendor.ts';
import { verdaEvidence } from './verda/evidence.ts';

/** How each operation of each simulator is known. */
export const evidence: { readonly [V in Vendor]: Evidence<OperationIds[V]> } = {
  'gpu-ai': gpuAiEvidence,
  'massed-compute': massedComputeEvidence,
  tensordock: tensorDockEvidence,
  verda: verdaEvidence,
};

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
