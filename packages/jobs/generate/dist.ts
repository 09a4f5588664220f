/** Copies the JSON Schema into the compiler's output. */
import { copyFile, mkdir } from 'node:fs/promises';

const folder = new URL('../dist/generated/', import.meta.url);
await mkdir(folder, { recursive: true });
await copyFile(new URL('../src/generated/job.schema.json', import.meta.url), new URL('job.schema.json', folder));
