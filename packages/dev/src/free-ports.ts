import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Linux uses ports from 32,768 up for outgoing connections, and Temporal's PostgreSQL schema stores a port in 15 bits. */
const [least, beyond] = [10_000, 32_768];

/** Finds `count` different free ports on 127.0.0.1, from 10,000 to 32,767. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await freePort());
  return [...found];
}

/** Finds a free port on 127.0.0.1, from 10,000 to 32,767. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(least, beyond);
    if ((await portProblem(port)) === undefined) return port;
  }
}

/** Returns the error code of listening on the port of 127.0.0.1, for example `EADDRINUSE` or `EACCES`, or undefined when the port is free. */
export function portProblem(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
}
