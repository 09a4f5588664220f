import { z } from 'zod';
import { jobFileSchema } from './job-schema.ts';

/** Returns the JSON Schema of job files, which editors use. */
export function jobJsonSchema(): Record<string, unknown> {
  return {
    title: 'gpu-clouds job',
    ...z.toJSONSchema(jobFileSchema, { io: 'input', target: 'draft-2020-12' }),
  };
}

/** Returns the content of `src/generated/job.schema.json`. */
export function jobJsonSchemaText(): string {
  return `${JSON.stringify(jobJsonSchema(), null, 2)}\n`;
}
