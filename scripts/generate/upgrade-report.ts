import type { ActionReport } from '@gpu-clouds/openapi-overlay';
import { type Changes, documentChanges } from './document-changes.ts';
import type { Document } from './openapi.ts';

const verdicts: Record<ActionReport['status'], string> = {
  applied: 'applies',
  'no-match': 'matches nothing',
  'no-change': 'already fixed upstream',
  'type-mismatch': 'no longer fits',
  'match-count': 'no longer fits',
};

/** Returns the effects of a newer published document on the overlay and on users of the client. */
export function upgradeReport(actions: readonly ActionReport[], before: Document, after: Document): string[] {
  const { operations, schemas } = documentChanges(before, after);
  return [
    ...actions.map(describeAction),
    ...describeChanges('operation', operations),
    ...describeChanges('schema', schemas),
  ];
}

function describeAction({ index, target, status, reason, message }: ActionReport): string {
  const line = `  ${verdicts[status]}: actions[${index}] ${target}`;
  return status === 'applied' ? line : `${line}: ${message}${reason ? ` (the patch's reason: ${reason})` : ''}`;
}

function describeChanges(noun: string, { added, removed, changed }: Changes): string[] {
  const rows = [
    ...added.map((name) => `  ${noun} added: ${name}`),
    ...removed.map((name) => `  ${noun} removed: ${name}`),
    ...changed.map((name) => `  ${noun} changed: ${name}`),
  ];
  return rows.length > 0 ? rows : [`  no ${noun} added, removed, or changed`];
}
