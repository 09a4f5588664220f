import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Notification } from '@gpu-clouds/jobs';
import type { RunRecord } from './run-record.ts';

/** Variables of the workers with the URL of the webhook, and with the key that signs what is sent to it. */
export const webhookVariables = { url: 'CHAOS_WEBHOOK', key: 'CHAOS_WEBHOOK_KEY' } as const;

/** Types of the notifications that arrived, by run. */
export type Notified = ReadonlyMap<string, readonly Notification['type'][]>;

/** A webhook that refuses the first delivery for each run, so that it must be tried again. */
export class Webhook {
  readonly #url: string;
  readonly #key = randomBytes(32);
  readonly #server: ReturnType<typeof createServer>;
  readonly #notified = new Map<string, Notification['type'][]>();

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.#url = `http://127.0.0.1:${port}/ended`;
  }

  static async start(): Promise<Webhook> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const webhook = new Webhook(server, (server.address() as AddressInfo).port);
    server.on('request', async (request, response) => {
      response.writeHead(await webhook.#receive(request)).end();
    });
    return webhook;
  }

  /** What the workers need. */
  get settings(): Readonly<Record<string, string>> {
    return { [webhookVariables.url]: this.#url, [webhookVariables.key]: this.#key.toString('base64') };
  }

  /** Waits until every run that notifies has done so, or the time is over. */
  async notified(runs: readonly RunRecord[], timeoutMs: number): Promise<Notified> {
    const deadline = Date.now() + timeoutMs;
    const expected = runs.filter((run) => expectedType(run) !== undefined);
    const isHere = ({ plan }: RunRecord) => (this.#notified.get(plan.id)?.length ?? 0) > 1;
    while (!expected.every(isHere) && Date.now() < deadline) await delay(200);
    return this.#notified;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    if (request.headers['webhook-signature'] !== this.#signatureOf(request, body)) return 401;
    const { type, data }: Notification = JSON.parse(body);
    const before = this.#notified.get(data.run) ?? [];
    this.#notified.set(data.run, [...before, type]);
    return before.length === 0 ? 503 : 204;
  }

  #signatureOf({ headers }: IncomingMessage, body: string): string {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return `v1,${createHmac('sha256', this.#key).update(signed).digest('base64')}`;
  }
}

/** Ends of a run that a webhook is not told. Nobody asks a run to stop here: `stopped` is one whose owner was terminated, which is a failure. */
const untold: ReadonlySet<string> = new Set(['cancelled', 'terminated']);

/** Returns what the webhook must be told about a run. Undefined: nothing. */
export function expectedType({ plan, reported }: RunRecord): Notification['type'] | undefined {
  if (plan.features?.includes('notifies') !== true || reported === undefined || untold.has(reported.outcome)) {
    return undefined;
  }
  return reported.outcome === 'succeeded' ? 'run.succeeded' : 'run.failed';
}
