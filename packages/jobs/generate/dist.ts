/** Copies the JSON Schemas into the compiler's output. */
import { copyFile, mkdir } from 'node:fs/promises';

const source = new URL('../src/generated/', import.meta.url);
const folder = new URL('../dist/generated/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const name of ['job.schema.json', 'notification.schema.json']) {
  await copyFile(new URL(name, source), new URL(name, folder));
}
