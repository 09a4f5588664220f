import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Linux hands out from 32,768 on for outgoing connections, and Temporal's PostgreSQL schema keeps a port in 15 bits. */
const [least, beyond] = [10_000, 32_768];

/** Finds ports on 127.0.0.1 that nobody listens on, each a different one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await freePort());
  return [...found];
}

/** Finds a port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(least, beyond);
    if ((await portProblem(port)) === undefined) return port;
  }
}

/** Says why nobody can listen on the port of 127.0.0.1: `EADDRINUSE`, `EACCES`, …. Undefined when somebody can. */
export function portProblem(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
}
