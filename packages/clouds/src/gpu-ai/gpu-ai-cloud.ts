import { type Clock, systemClock } from '@gpu-clouds/core';
import type { components, GpuAiClient } from '@gpu-clouds/gpu-ai';
import type { CallOptions, Cloud, InstanceOrder } from '../cloud.ts';
import { CloudError } from '../cloud-error.ts';
import { attemptsOf, deletion, invalidOrder, ruleFor, without } from '../failure-rules.ts';
import { createdId, listedId, requiredId } from '../ids.ts';
import { ownerIdOf } from '../instance-name.ts';
import { pause } from '../pause.ts';
import { readInstance, readInstances, readRows } from '../readable-rows.ts';
import { diskOrder } from './disk.ts';
import { gpuAiFailures } from './failures.ts';
import { gpuAiInstance } from './instances.ts';
import { gpuAiOffers } from './offers.ts';

type Operation = components['schemas']['Operation'];

/** What the adapter of GPU.ai needs beside its client. */
export interface GpuAiCloudOptions {
  /** Time to wait by. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Pauses between looks at a create that has no instance yet. After the last one the instance name is the way to find it. */
const pauses = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];

/** gpuai-sdk 0.3.18 on PyPI, `CreateInstanceRequest.auto_terminate_hours`. */
const maxRuntimeHours = 720;

const attempt = attemptsOf('gpu-ai', gpuAiFailures);

/** GPU.ai as a {@link Cloud}. */
export function gpuAiCloud(client: GpuAiClient, { clock = systemClock }: GpuAiCloudOptions = {}): Cloud {
  const operations = { client, clock };
  return {
    vendor: 'gpu-ai',

    readAccount: (since, options) =>
      attempt('listUsage', async () => {
        const query = { bucket: 'hour', start: since.toISOString() } as const;
        const buckets = await all(client.listUsage.pages({ query }, options));
        return { spent: buckets.reduce((cents, bucket) => cents + bucket.cost_cents, 0) / 100 };
      }),

    listOffers: (options) =>
      attempt('listPricing', async () => {
        const [types, pricing] = await Promise.all([
          all(client.listGpuTypes.pages({}, options)),
          all(client.listPricing.pages({}, options)),
        ]);
        return gpuAiOffers(types, pricing);
      }),

    createInstance: (order, options) =>
      attempt('createInstance', async () => {
        const { offer, name, maxLifeSeconds } = order;
        const accepted = await client.createInstance(
          {
            body: {
              gpu_type: String(offer.native.gpuType),
              gpu_count: offer.gpuCount,
              region: offer.region,
              tier: offer.spot ? 'spot' : 'on_demand',
              name,
              ssh_key_ids: [keyFor(order)],
              ...diskOrder(order),
              ...runtimeLimit(maxLifeSeconds),
            },
          },
          // For a day, another request of the same owner returns the same instance.
          { ...options, idempotencyKey: ownerIdOf(name) },
        );
        return { id: await resourceOf(operations, accepted, options) };
      }),

    getInstance: (id, options) =>
      without('not-found', () =>
        attempt('getInstance', async () =>
          readInstance(id, await client.getInstance({ path: { id } }, options), gpuAiInstance),
        ),
      ),

    listInstances: (options) =>
      attempt('listInstances', async () =>
        readInstances(await all(client.listInstances.pages({}, options)), gpuAiInstance).filter(
          ({ status }) => status !== 'gone',
        ),
      ),

    // No key of ours: it would answer a second request for a day as it did the first, even if that came to nothing.
    deleteInstance: (id, options) =>
      deletion(
        () =>
          attempt('deleteInstance', async () => {
            const operation: Operation | undefined = await client.deleteInstance({ path: { id } }, options);
            if (operation && hasFailed(operation)) throw failureOf(operation, 'deleteInstance');
            return operation;
          }),
        (operation) => isDeletionOf(operation, id),
      ),

    keys: {
      create: ({ name, publicKey }, options) =>
        attempt('createSshKey', async () => {
          const { id } = await client.createSshKey({ body: { name, public_key: publicKey } }, options);
          return { id: createdId(id, { vendor: 'gpu-ai', operation: 'createSshKey' }), name };
        }),
      list: (options) =>
        attempt('listSshKeys', async () =>
          readRows(await all(client.listSshKeys.pages({}, options)), ({ id, name }) => [{ id: listedId(id), name }]),
        ),
      delete: (id, options) =>
        deletion(() => attempt('deleteSshKey', () => client.deleteSshKey({ path: { id } }, options))),
    },
  };
}

/** The key to install, of an order that can be met. @throws CloudError `invalid` */
function keyFor(order: InstanceOrder): string {
  const refuse = (message: string) => invalidOrder('gpu-ai', 'createInstance', message);
  if (order.image !== undefined) throw refuse('GPU.ai does not support images. Omit "image" or choose another vendor.');
  // Without keys the vendor would install all of the organisation's.
  if (order.key === undefined) throw refuse('A GPU.ai instance needs a key: create one with keys.create first.');
  return requiredId(order.key.id, { vendor: 'gpu-ai', operation: 'createInstance' });
}

/** Hours of runtime after which the vendor ends the instance, if everything else fails. Depends on the order alone, as a repeated request must. */
function runtimeLimit(maxLifeSeconds = Number.POSITIVE_INFINITY): { readonly auto_terminate_hours?: number } {
  const hours = Math.ceil(maxLifeSeconds / 3600);
  return hours <= maxRuntimeHours ? { auto_terminate_hours: hours } : {};
}

/** The instance that an accepted create makes, as soon as the vendor names it. */
async function resourceOf(
  { client, clock }: { readonly client: GpuAiClient; readonly clock: Clock },
  accepted: Operation,
  options: CallOptions = {},
): Promise<string> {
  let operation = accepted;
  for (const milliseconds of [...pauses, undefined]) {
    if (hasFailed(operation)) throw failureOf(operation, 'createInstance');
    if (operation.resource_id)
      return createdId(operation.resource_id, { vendor: 'gpu-ai', operation: 'createInstance' });
    if (milliseconds === undefined) break;
    await pause(clock, milliseconds, options.signal);
    operation = await client.getOperation({ path: { id: operation.operation_id } }, options).catch(unknownOutcome);
  }
  throw unknownOutcome(new Error('the vendor names no instance yet'));
}

function hasFailed({ state }: Operation): boolean {
  return state === 'failed' || state === 'cancelled';
}

/** Returns whether an answer is an operation on the instance. It need not name the instance. An empty answer is about the one in the path. */
function isDeletionOf(operation: Operation | undefined, id: string): boolean {
  if (operation === undefined) return true;
  return Boolean(operation?.operation_id) && listedId(operation.resource_id ?? id) === id;
}

/** Accepted, and then not done. With an instance named, that may be there all the same. */
function failureOf({ error, resource_id, state }: Operation, called: 'createInstance' | 'deleteInstance'): CloudError {
  const { code: vendorCode, detail: message } = error ?? {};
  const rule = ruleFor(gpuAiFailures, { operation: called, message, vendorCode });
  const reason = message ?? `the operation was ${state}`;
  return new CloudError(`gpu-ai ${called} failed after it was accepted: ${reason}.`, {
    kind: rule?.kind ?? 'unavailable',
    vendor: 'gpu-ai',
    operation: called,
    mayHaveTakenEffect: Boolean(resource_id),
  });
}

/** The create was accepted: whatever fails after that does not undo it. */
function unknownOutcome(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new CloudError(
    `gpu-ai createInstance was accepted, but its result is unknown (${reason}). Search the list for the instance name.`,
    { kind: 'unavailable', vendor: 'gpu-ai', operation: 'createInstance', mayHaveTakenEffect: true },
    { cause },
  );
}

/** Characters of JSON in a list. A list of 10,000 instances has about 6 million. */
const longestList = 8_000_000;
/** Characters that a page counts as at least, so that a list has at most 1,000 pages: 50,000 items, 50 on a page, which is the default. */
const shortestPage = longestList / 1_000;

/** Returns the items of all pages. @throws {Error} The list does not end. */
async function all<T>(pages: AsyncIterable<{ readonly data: readonly T[] }>): Promise<readonly T[]> {
  const collected: T[] = [];
  let length = 0;
  for await (const page of pages) {
    length += Math.max(shortestPage, JSON.stringify(page).length);
    if (length > longestList) throw new Error('its pages do not end');
    for (const item of page.data) collected.push(item);
  }
  return collected;
}
