// The users of the service. Their file has the SHA-256 of each API key; the keys themselves are stored nowhere.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export interface User {
  readonly name: string;
  readonly keySha256: string;
  /** US dollars that the user's trainings may cost per day, in UTC. */
  readonly dollarsPerDay: number;
}

const usersFile = z.record(
  z.string().regex(/^[a-z0-9-]{1,40}$/),
  z.strictObject({ keySha256: z.string().regex(/^[0-9a-f]{64}$/), dollarsPerDay: z.number().positive() }),
);

export async function readUsers(path: string): Promise<readonly User[]> {
  const users = usersFile.parse(JSON.parse(await readFile(path, 'utf8')));
  return Object.entries(users).map(([name, user]) => ({ name, ...user }));
}

/**
 * Returns the user with this API key. Compares hashes in constant time, with those of all users. SHA-256 is enough for a key of 256 random
 * bits; a password would need a slow hash.
 */
export function userWithKey(users: readonly User[], key: string): User | undefined {
  const hash = createHash('sha256').update(key).digest();
  return users.filter(({ keySha256 }) => timingSafeEqual(hash, Buffer.from(keySha256, 'hex'))).at(0);
}
