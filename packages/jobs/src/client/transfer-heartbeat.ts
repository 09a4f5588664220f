import { z } from 'zod';

const count = z.number().min(0);

/** The heartbeat of an activity that transfers files. */
export const transferHeartbeat = z.object({
  transfer: z.object({ files: count, totalFiles: count, bytes: count, totalBytes: count.optional() }),
});
