/** Steps that must work with the clients in every runtime. They use web standards only, because they also run in a page. */
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { ApiError, createVerda } from '@gpu-clouds/verda';
import { rawClient } from '@gpu-clouds/verda/raw';

export interface SmokeSetting {
  readonly verda: { readonly baseUrl: string; readonly clientId: string; readonly clientSecret: string };
  readonly gpuAi: { readonly baseUrl: string; readonly apiKey: string };
}

/** Runs every step and returns their names. The error names the first step that fails. */
export async function smoke(setting: SmokeSetting): Promise<readonly string[]> {
  const passed: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step(setting);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    passed.push(name);
  }
  return passed;
}

const steps: Readonly<Record<string, (setting: SmokeSetting) => Promise<void>>> = {
  async auth({ verda }) {
    expect(await failureOf(createVerda({ ...verda, clientSecret: 'wrong', maxRetries: 0 }).getBalance()), {
      code: 'authentication',
      vendor: 'verda',
    });
    const balance = await createVerda(verda).getBalance();
    if (typeof balance.amount !== 'number') throw new Error('no balance');
  },

  async call({ verda }) {
    const client = createVerda(verda);
    const script = 'echo "größer"';
    const scriptId = await client.createScript({ body: { name: `smoke ${crypto.randomUUID()}`, script } });
    const found = await client.getScript({ path: { scriptId } });
    await client.deleteScript({ path: { scriptId } });
    if (found.script !== script) throw new Error(`the script came back as ${found.script}`);
  },

  async 'raw client'({ verda }) {
    const { data, response } = await rawClient(createVerda(verda)).GET('/v1/balance');
    if (typeof data?.amount !== 'number' || response.status !== 200) throw new Error('no balance');
  },

  async retry({ verda }) {
    const fault = { kind: 'http-503', vendor: 'verda', operation: 'listLocations' };
    await addFault(verda.baseUrl, fault);
    expect(await failureOf(createVerda({ ...verda, maxRetries: 0 }).listLocations()), { code: 'server', status: 503 });
    await addFault(verda.baseUrl, fault);
    const statuses: number[] = [];
    const client = createVerda({
      ...verda,
      fetch: async (request) => {
        const response = await fetch(request);
        if (request.url.endsWith('/v1/locations')) statuses.push(response.status);
        return response;
      },
    });
    await client.listLocations();
    expect(statuses, [503, 200]);
  },

  async pages({ gpuAi }) {
    const client = createGpuAi(gpuAi);
    const { data: all } = await client.listGpuTypes();
    let pages = 0;
    for await (const page of client.listGpuTypes.pages({ query: { limit: 1 } })) pages += page.data.length;
    const items: unknown[] = [];
    for await (const item of client.listGpuTypes.items({ query: { limit: 2 } })) items.push(item);
    if (all.length < 3) throw new Error('too few GPU types to page through');
    expect({ pages, items }, { pages: all.length, items: all });
  },

  async abort({ verda }) {
    await addFault(verda.baseUrl, { kind: 'latency', vendor: 'verda', operation: 'listImages', seconds: 20 });
    const abort = new AbortController();
    const client = createVerda({
      ...verda,
      fetch: (request) => {
        if (request.url.endsWith('/v1/images')) setTimeout(() => abort.abort(), 20);
        return fetch(request);
      },
    });
    expect(await failureOf(client.listImages(undefined, { signal: abort.signal })), { code: 'aborted', attempts: 1 });
  },

  async 'typed error'({ verda }) {
    const path = { instance_id: '00000000-0000-0000-0000-000000000000' };
    const error = await failureOf(createVerda(verda).getInstance({ path }));
    expect(error, { code: 'not-found', status: 404, operation: 'getInstance', mayHaveTakenEffect: false });
  },
};

/** Adds a fault rule. Every simulator serves the control API. */
async function addFault(baseUrl: string, rule: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const url = new URL('/_simulator/faults', baseUrl);
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(rule) });
  expect(status, 201);
}

async function failureOf(call: PromiseLike<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (ApiError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}

/** Compares a value with the expected one. For objects, it compares only the expected properties. */
function expect(actual: unknown, expected: unknown): void {
  const shown = isPlain(expected) && isPlain(actual) ? pick(actual, Object.keys(expected)) : actual;
  const [is, should] = [JSON.stringify(shown), JSON.stringify(expected)];
  if (is !== should) throw new Error(`expected ${should}, got ${is}`);
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pick = (value: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, value[name]]));
