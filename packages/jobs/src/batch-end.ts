import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { BatchItemEnd } from './batch-status.ts';
import { billOf } from './job-bill.ts';

/** Of a message in JSON: 5000 results have to fit into one payload of 2 MiB. */
const messageBytes = 120;

/** How the run of an item ended that gave no result. @param cause Of what Temporal throws: the failure of the run itself. */
export function endOfFailure(cause: unknown): BatchItemEnd {
  if (cause instanceof CancelledFailure) return { outcome: 'cancelled', dollars: 0 };
  const message = shortened(cause instanceof Error ? cause.message : String(cause));
  if (cause instanceof TerminatedFailure) return { outcome: 'failed', dollars: 0, kind: 'terminated', message };
  if (!(cause instanceof ApplicationFailure)) return { outcome: 'failed', dollars: 0, kind: 'failed', message };
  const kind = cause.type ?? 'failed';
  return { outcome: kind === 'stopped' ? 'stopped' : 'failed', dollars: billOf(cause)?.dollars ?? 0, kind, message };
}

/** Cut between characters, so that its JSON has no more bytes than a result has room for. */
function shortened(message: string): string {
  let room = messageBytes;
  let kept = '';
  for (const character of message) {
    room -= new TextEncoder().encode(JSON.stringify(character)).length - 2;
    if (room < 0) return kept;
    kept += character;
  }
  return kept;
}
