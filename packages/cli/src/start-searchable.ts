import { SearchAttributesError, searchAttributesRegistered } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

/** Starts a workflow with search attributes when the namespace has them registered, and without them otherwise. */
export async function startSearchable<T>(client: Client, start: (searchable: boolean) => Promise<T>): Promise<T> {
  const { connection, options } = client;
  // Some managed clusters forbid listing search attributes: start without them there.
  const prepared = await searchAttributesRegistered(connection, options.namespace).catch(() => false);
  if (!prepared) return start(false);
  try {
    return await start(true);
  } catch (error) {
    // New search attributes take a few seconds to reach all servers of a cluster.
    if (!(error instanceof SearchAttributesError)) throw error;
    return start(false);
  }
}
