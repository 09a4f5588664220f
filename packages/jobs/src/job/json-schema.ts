import { z } from 'zod';
import { jobFileSchema } from './checked-job-schema.ts';

/** The published `job.schema.json`, for editors: what a job file may hold. */
export function jobJsonSchema(): Record<string, unknown> {
  return {
    title: 'gpu-clouds job',
    ...z.toJSONSchema(jobFileSchema, { io: 'input', target: 'draft-2020-12' }),
  };
}

/** As it is written to `src/generated/job.schema.json`. */
export function jobJsonSchemaText(): string {
  return `${JSON.stringify(jobJsonSchema(), null, 2)}\n`;
}
