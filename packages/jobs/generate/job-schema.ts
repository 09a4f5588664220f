/** Writes the JSON Schema of job files: `pnpm --filter @gpu-clouds/jobs generate:schema`. */
import { writeFile } from 'node:fs/promises';
import { jobJsonSchemaText } from '../src/job/json-schema.ts';

await writeFile(new URL('../src/generated/job.schema.json', import.meta.url), jobJsonSchemaText());
