import { Context, cancellationDetails, cancellationSignal } from '@temporalio/activity';

/**
 * Asked before something is sent that makes something: true when nobody wants it any more.
 * @throws CancelledFailure when it is only this attempt that has to end, with its worker: the instance is still wanted.
 */
export async function isCalledOff(): Promise<boolean> {
  if (!cancellationSignal().aborted) return false;
  if (cancellationDetails()?.cancelRequested !== true) await Context.current().cancelled;
  return true;
}
