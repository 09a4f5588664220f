import { Context } from '@temporalio/activity';

/**
 * Tells Temporal every second that the work goes on, which is also how the activity learns that it is cancelled. The SDK sends only
 * some of it.
 * @param details What the next attempt gets to know, asked for each time.
 */
export async function withHeartbeats<T>(work: () => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const { heartbeat } = Context.current();
  heartbeat(details());
  const timer = setInterval(() => heartbeat(details()), 1000);
  try {
    return await work();
  } catch (error) {
    heartbeat(details());
    throw error;
  } finally {
    clearInterval(timer);
  }
}
