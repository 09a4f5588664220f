import { type operations, type paths, table } from './thing-api.ts';

declare const token: string;
declare const baseUrl: string;
declare const id: string;
declare const signal: AbortSignal;

// #region shown
import { bearerAuth, createClient, type Method, type PagedMethod } from '@gpu-clouds/core';
import { createRawClient } from '@gpu-clouds/core/raw';

// operations and paths from openapi-typescript, and a table of the operations
interface Methods {
  getThing: Method<operations['getThing']>;
  listThings: PagedMethod<operations['listThings'], 'data'>;
}

const auth = bearerAuth(token);
const client = createClient<Methods>({ vendor: 'acme', baseUrl, auth, operations: table });

const thing = await client.getThing({ path: { id } }, { signal, timeoutMs: 5_000 });
const { data, response } = await client.getThing({ path: { id } }).withResponse();
for await (const { id } of client.listThings.items()) console.log(id);
const first = await client.listThings.items().toArray({ limit: 100 });
const raw = await createRawClient<paths>(client).GET('/things'); // openapi-fetch, same credentials and retries
// #endregion

console.log(first.length, thing.id, data.id, response.status, raw.error, raw.data?.data);
