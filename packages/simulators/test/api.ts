import { createManualClock, type ManualClock } from '../src/clock.ts';
import { createSimulators, type SimulatorOptions, type Simulators } from '../src/simulators.ts';
import type { Vendor } from '../src/vendor.ts';

/** An Ed25519 key pair, for tests only. */
export { privateKey, publicKey } from './key-pair.ts';

/** The vendors to which {@link Bench} can send requests. */
export const benchVendors = ['gpu-ai', 'massed-compute', 'tensordock', 'verda'] as const;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read vendor responses without types
  readonly json: any;
}

/** Simulators on a manual clock, with helpers that send authenticated requests. */
export interface Bench {
  readonly sims: Simulators;
  readonly clock: ManualClock;
  verda(method: string, path: string, body?: unknown): Promise<Reply>;
  gpuAi(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  massed(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Sends a POST with the credentials in the form, or a GET without them. */
  tensorDock(method: string, path: string, form?: Record<string, string>): Promise<Reply>;
}

export async function openBench(options: SimulatorOptions = {}): Promise<Bench> {
  const clock = createManualClock();
  const sims = createSimulators({ clock, bootSeconds: 10, ...options });
  let verdaToken = '';
  const verdaEnv = sims.verda.env;
  const bench: Bench = {
    sims,
    clock,
    async verda(method, path, body) {
      const headers = { authorization: `Bearer ${verdaToken}` };
      const reply = await send(sims, 'verda', method, `/v1${path}`, json(body), headers);
      if (reply.status !== 401) return reply;
      const credentials = { client_id: verdaEnv.VERDA_CLIENT_ID, client_secret: verdaEnv.VERDA_CLIENT_SECRET };
      const granted = await send(
        sims,
        'verda',
        'POST',
        '/v1/oauth2/token',
        json({ grant_type: 'client_credentials', ...credentials }),
        {},
      );
      verdaToken = granted.json.access_token;
      return send(sims, 'verda', method, `/v1${path}`, json(body), { authorization: `Bearer ${verdaToken}` });
    },
    gpuAi: (method, path, body, headers = {}) =>
      send(sims, 'gpu-ai', method, path, json(body), {
        authorization: `Bearer ${sims['gpu-ai'].env.GPU_AI_API_KEY}`,
        ...headers,
      }),
    massed: (method, path, body) =>
      send(sims, 'massed-compute', method, path, json(body), {
        authorization: `Bearer ${sims['massed-compute'].env.MASSED_COMPUTE_TOKEN}`,
      }),
    tensorDock: (method, path, form = {}) => {
      const { TENSORDOCK_API_KEY: api_key = '', TENSORDOCK_API_TOKEN: api_token = '' } = sims.tensordock.env;
      const body = method === 'GET' ? undefined : new URLSearchParams({ api_key, api_token, ...form });
      return send(sims, 'tensordock', method, `/api/v0${path}`, body, {});
    },
  };
  return bench;
}

/** Sends a request to one vendor. `path` is relative to its base URL. */
export async function send(
  sims: Simulators,
  vendor: Vendor,
  method: string,
  path: string,
  body: RequestInit['body'],
  headers: Record<string, string>,
): Promise<Reply> {
  const typed = typeof body === 'string' ? { 'content-type': 'application/json', ...headers } : headers;
  const request = new Request(sims[vendor].baseUrl + path, {
    method,
    headers: typed,
    ...(body === undefined ? {} : { body }),
  });
  return replyOf(await sims[vendor].fetch(request));
}

export async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not every response is JSON.
  }
  return { status: response.status, headers: response.headers, text, json: parsed };
}

function json(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}
