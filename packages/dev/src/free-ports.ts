import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Linux hands out from 32,768 on for outgoing connections, and Temporal's PostgreSQL schema keeps a port in 15 bits. */
const [least, beyond] = [10_000, 32_768];

/** Ports on 127.0.0.1 that nobody listens on, each a different one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(least, beyond);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
