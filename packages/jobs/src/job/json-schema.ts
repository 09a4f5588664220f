import { z } from 'zod';
import { jobFileSchema } from './job-schema.ts';
import { notificationSchema } from './notification.ts';

/** Returns the JSON Schema of job files, which editors use. */
export function jobJsonSchema(): Record<string, unknown> {
  return {
    title: 'gpu-clouds job',
    ...z.toJSONSchema(jobFileSchema, { io: 'input', target: 'draft-2020-12' }),
  };
}

/** Returns the content of `src/generated/notification.schema.json`, for receivers of notifications. */
export function notificationJsonSchemaText(): string {
  const schema = z.toJSONSchema(notificationSchema, { target: 'draft-2020-12' });
  return `${JSON.stringify({ title: 'gpu-clouds notification', ...schema }, null, 2)}\n`;
}

/** Returns the content of `src/generated/job.schema.json`. */
export function jobJsonSchemaText(): string {
  return `${JSON.stringify(jobJsonSchema(), null, 2)}\n`;
}
