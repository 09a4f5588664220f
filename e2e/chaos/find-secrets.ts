import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';

/** Returns each form in which a secret may be stored: plain, URL-encoded, and base64. */
export function formsOf(secret: string): readonly string[] {
  // In base64 the start and the end depend on the adjacent bytes. The middle does not, for each of the three alignments.
  const aligned = [0, 1, 2].map((shift) => {
    const text = Buffer.from(`${' '.repeat(shift)}${secret}`).toString('base64');
    return text.slice(shift === 0 ? 0 : 4, text.length - 4);
  });
  return [secret, encodeURIComponent(secret), ...aligned].filter((form) => form.length >= 8);
}

/** Returns the names of the secrets that the bytes contain. */
export function secretsIn(bytes: Buffer, secrets: ReadonlyMap<string, string>): readonly string[] {
  return [...secrets]
    .filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form)))
    .map(([name]) => name);
}

/** Searches files, and folders recursively, for secrets. @returns one sentence per secret found */
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

/** Searches the histories of all workflows for secrets. @returns one sentence per secret found */
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

/** Yields every string and every payload in a value recursively, each followed by a line break. */
function* textIn(value: unknown): Generator<Uint8Array> {
  if (typeof value === 'string') yield Buffer.from(`${value}\n`);
  else if (value instanceof Uint8Array) yield Buffer.concat([value, Buffer.from('\n')]);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textIn(part);
}
