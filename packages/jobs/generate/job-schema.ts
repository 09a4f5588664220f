/** Writes the JSON Schemas of job files and notifications: `pnpm --filter @gpu-clouds/jobs generate:schema`. */
import { writeFile } from 'node:fs/promises';
import { jobJsonSchemaText, notificationJsonSchemaText } from '../src/job/json-schema.ts';

await writeFile(new URL('../src/generated/job.schema.json', import.meta.url), jobJsonSchemaText());
await writeFile(new URL('../src/generated/notification.schema.json', import.meta.url), notificationJsonSchemaText());
