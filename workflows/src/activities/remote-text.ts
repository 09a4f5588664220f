import { masked } from '../ssh/secret-mask.ts';
import type { Dependencies } from './dependencies.ts';

/** Bytes. */
const longest = 4096;

/** What an error says that an instance, or a container, had a part in, fit for history and logs: without the run's secrets, at most 4 KiB. */
export function remoteText(text: string, secrets: readonly string[] = []): string {
  const bytes = Buffer.from(masked(text, secrets));
  return bytes.byteLength <= longest ? bytes.toString() : `${bytes.toString('utf8', 0, longest)}…`;
}

/** The values of the secrets that this worker has. One that it has not, it cannot mask. */
export function valuesOf({ secretFor }: Dependencies, names: readonly string[]): readonly string[] {
  return names.map(secretFor).flatMap((secret) => ('value' in secret ? [secret.value] : []));
}
