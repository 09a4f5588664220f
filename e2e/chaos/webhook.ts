import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Notification } from '@gpu-clouds/jobs';
import { hasFeature, type PlannedRun } from './plan.ts';
import type { RunRecord } from './run-record.ts';

/** Variables of the workers with the URLs of the webhook, and with the key that signs what is not in the form of Slack. */
export const webhookVariables = {
  url: 'CHAOS_WEBHOOK',
  key: 'CHAOS_WEBHOOK_KEY',
  slack: 'CHAOS_SLACK',
} as const;

/** What is sent in the form of Slack. */
export const slackEvents = ['succeeded', 'over-budget'];

/** What is sent in the other form. Undefined: the default, which is all ends. */
export function eventsOf(plan: PlannedRun): readonly string[] | undefined {
  return hasFeature(plan, 'notifies-failures-only') ? ['failed'] : undefined;
}

const slackPath = '/slack';

/** Types of the notifications that arrived, by run. */
export type Notified = ReadonlyMap<string, readonly Notification['type'][]>;

/** A webhook that refuses the first delivery for each run, so that it must be tried again. */
export class Webhook {
  readonly #url: string;
  readonly #key = randomBytes(32);
  readonly #server: ReturnType<typeof createServer>;
  readonly #notified = new Map<string, Notification['type'][]>();
  readonly #inSlack = new Map<string, Notification['type'][]>();

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.#url = `http://127.0.0.1:${port}`;
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
    const { url, key, slack } = webhookVariables;
    return { [url]: `${this.#url}/ended`, [key]: this.#key.toString('base64'), [slack]: `${this.#url}${slackPath}` };
  }

  /** Waits until every run that notifies has done so, or the time is over. */
  async notified(
    runs: readonly RunRecord[],
    timeoutMs: number,
  ): Promise<{ readonly notified: Notified; readonly notifiedInSlack: Notified }> {
    const deadline = Date.now() + timeoutMs;
    const isHere = (told: Notified, { plan }: RunRecord) => (told.get(plan.id)?.length ?? 0) > 1;
    const lacks = (run: RunRecord) =>
      (expectedType(run) !== undefined && !isHere(this.#notified, run)) ||
      (expectedInSlack(run) !== undefined && !isHere(this.#inSlack, run));
    while (runs.some(lacks) && Date.now() < deadline) await delay(200);
    return { notified: this.#notified, notifiedInSlack: this.#inSlack };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    if (request.url === slackPath) return this.#receiveInSlack(JSON.parse(body));
    if (request.headers['webhook-signature'] !== this.#signatureOf(request, body)) return 401;
    const { type, data }: Notification = JSON.parse(body);
    return note(this.#notified, data.run, type);
  }

  #receiveInSlack({ text: said }: { readonly text: string }): number {
    const [, run, how] = /: the run (\S+) (succeeded|failed) /.exec(said) ?? [];
    return run === undefined ? 400 : note(this.#inSlack, run, how === 'succeeded' ? 'run.succeeded' : 'run.failed');
  }

  #signatureOf({ headers }: IncomingMessage, body: string): string {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return `v1,${createHmac('sha256', this.#key).update(signed).digest('base64')}`;
  }
}

/** @returns the status of the answer: the first delivery for a run is refused */
function note(notified: Map<string, Notification['type'][]>, run: string, type: Notification['type']): number {
  const before = notified.get(run) ?? [];
  notified.set(run, [...before, type]);
  return before.length === 0 ? 503 : 204;
}

/** Ends of a run that a webhook is not told. Nobody asks a run to stop here: `stopped` is one whose owner was terminated, which is a failure. */
const untold: ReadonlySet<string> = new Set(['cancelled', 'terminated']);

/** Returns what the webhook must be told about a run. Undefined: nothing. */
export function expectedType({ plan, reported }: RunRecord): Notification['type'] | undefined {
  if (!hasFeature(plan, 'notifies') || reported === undefined || untold.has(reported.outcome)) return undefined;
  if (reported.outcome !== 'succeeded') return 'run.failed';
  return eventsOf(plan) === undefined ? 'run.succeeded' : undefined;
}

/** The same in the form of Slack, which is for {@link slackEvents} only. */
export function expectedInSlack({ plan, reported }: RunRecord): Notification['type'] | undefined {
  if (!hasFeature(plan, 'notifies-slack')) return undefined;
  if (reported?.outcome === 'succeeded') return 'run.succeeded';
  return reported?.outcome === 'cap-reached' ? 'run.failed' : undefined;
}
