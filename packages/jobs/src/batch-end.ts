import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { BatchItemEnd } from './batch-status.ts';
import { failureKindOf } from './failure-kinds.ts';
import { billOf } from './job-bill.ts';

/** Maximum size of a message in JSON, so that 5000 results fit into one payload of 2 MiB. */
const messageBytes = 120;

/**
 * Returns how an item ended whose run has no result.
 * @param cause The run's failure, which is the `cause` of the error that Temporal throws.
 */
export function endOfFailure(cause: unknown): BatchItemEnd {
  if (cause instanceof CancelledFailure) return { outcome: 'cancelled', dollars: 0 };
  const message = shortened(cause instanceof Error ? cause.message : String(cause));
  if (cause instanceof TerminatedFailure) return { outcome: 'failed', dollars: 0, kind: 'terminated', message };
  if (!(cause instanceof ApplicationFailure)) return { outcome: 'failed', dollars: 0, kind: 'failed', message };
  const kind = failureKindOf(cause.type);
  return { outcome: kind === 'stopped' ? 'stopped' : 'failed', dollars: billOf(cause)?.dollars ?? 0, kind, message };
}

/** Cuts a message between characters so that its JSON has at most `messageBytes` bytes. */
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
