import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';

/** Each form in which a secret may lie about. */
export function formsOf(secret: string): readonly string[] {
  // In base64 the beginning and the end depend on the neighbours; the middle does not, for each of the three alignments.
  const aligned = [0, 1, 2].map((shift) => {
    const text = Buffer.from(`${' '.repeat(shift)}${secret}`).toString('base64');
    return text.slice(shift === 0 ? 0 : 4, text.length - 4);
  });
  return [secret, encodeURIComponent(secret), ...aligned].filter((form) => form.length >= 8);
}

/** @returns names of the secrets that are in the bytes */
export function secretsIn(bytes: Buffer, secrets: ReadonlyMap<string, string>): readonly string[] {
  return [...secrets]
    .filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form)))
    .map(([name]) => name);
}

/** Looks into every file, of any depth. @returns a sentence for each find */
export async function secretsInFiles(
  paths: readonly string[],
  secrets: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) ?? [
      path,
    ];
    for (const file of files) {
      const bytes = await readFile(file).catch(() => Buffer.alloc(0));
      found.push(...secretsIn(bytes, secrets).map((name) => `${name} is in ${file}`));
    }
  }
  return found;
}

/** Looks into the histories of all workflows, as Temporal hands them out. */
export async function secretsInHistories(
  client: Client,
  secrets: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const bytes = Buffer.concat([...textIn(history)]);
    found.push(...secretsIn(bytes, secrets).map((name) => `${name} is in the history of ${workflowId}`));
  }
  return found;
}

/** Every text and every payload in it, of any depth, with a line's end after each. */
function* textIn(value: unknown): Generator<Uint8Array> {
  if (typeof value === 'string') yield Buffer.from(`${value}\n`);
  else if (value instanceof Uint8Array) yield Buffer.concat([value, Buffer.from('\n')]);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textIn(part);
}
