/** One request that was sent. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** Parsed JSON, or the fields of a form. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string };

/** By `METHOD /path`: the answer, or one for each time it is asked. */
export type Replies = Readonly<Record<string, Reply | readonly Reply[]>>;

/**
 * A vendor that answers as a test says: by `METHOD /path`, a reply for each time it is asked, the last one for ever after.
 * It keeps what it was asked.
 */
export function recordedVendor(replies: Replies) {
  const sent: Sent[] = [];
  const left = new Map(Object.entries(replies).map(([key, reply]) => [key, [reply].flat()]));
  return {
    sent,
    /** The one request to that operation. */
    only(key: string): Sent {
      const [one, ...others] = sent.filter(({ method, path }) => `${method} ${path}` === key);
      if (one === undefined || others.length > 0)
        throw new Error(`${key} was asked ${others.length + (one ? 1 : 0)} times.`);
      return one;
    },
    async fetch(request: Request): Promise<Response> {
      const path = new URL(request.url).pathname;
      const key = `${request.method} ${path}`;
      const text = await request.text();
      sent.push({ method: request.method, path, headers: request.headers, body: parsed(text) });
      const queue = left.get(key);
      if (queue === undefined) throw new Error(`The test did not expect ${key}.`);
      const reply = (queue.length > 1 ? queue.shift() : queue[0]) ?? {};
      const { status = 200, json, text: plain } = reply;
      if (status === 204) return new Response(null, { status });
      return plain === undefined ? Response.json(json ?? {}, { status }) : new Response(plain, { status });
    },
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  return text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
}
