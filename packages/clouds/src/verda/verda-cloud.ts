import type { components, VerdaClient } from '@gpu-clouds/verda';
import type { CallOptions, Cloud, Volume } from '../cloud.ts';
import { CloudError } from '../cloud-error.ts';
import { attemptsOf, deletion, invalidOrder, ruleFor, without } from '../failure-rules.ts';
import { createdId, listedId, requiredId } from '../ids.ts';
import { instanceIn, readInstance, readInstances, readRows, rowsOf } from '../readable-rows.ts';
import { verdaFailures } from './failures.ts';
import { cudaImage } from './images.ts';
import { type VerdaInstance, verdaInstance } from './instances.ts';
import { type VerdaJobsOptions, verdaJobs } from './job-deployments.ts';
import { osDisk, verdaOffers } from './offers.ts';
import { volumePrices, withDisks } from './volume-prices.ts';

/** What the adapter of Verda needs beside its client. */
export interface VerdaCloudOptions extends VerdaJobsOptions {
  /** Where SSH answers on every instance. Default 22, as the vendor promises; simulators need another. */
  readonly sshPort?: number | undefined;
}

const attempt = attemptsOf('verda', verdaFailures);

/** Verda as a {@link Cloud}. */
export function verdaCloud(client: VerdaClient, { sshPort = 22, ...jobs }: VerdaCloudOptions = {}): Cloud {
  const read = (instance: VerdaInstance) => verdaInstance(instance, sshPort);
  const getInstance = (id: string, options?: CallOptions) => client.getInstance({ path: { instance_id: id } }, options);
  /** The vendor prices instances without their disks, which bill beside them. */
  const diskPrices = (options?: CallOptions) =>
    attempt('listVolumes', async () => volumePrices(await client.listVolumes({}, options)));

  return {
    vendor: 'verda',

    readAccount: (_since, options) =>
      attempt('getBalance', async () => {
        const { amount, currency } = await client.getBalance({}, options);
        return currency === 'usd'
          ? { balance: amount }
          : { message: `${amount.toFixed(2)} ${currency.toUpperCase()} left` };
      }),

    listOffers: (options) =>
      attempt('listInstanceTypes', async () => {
        const [types, volumeTypes, onDemand, spot] = await Promise.all([
          client.listInstanceTypes({ query: { currency: 'usd' } }, options),
          client.listVolumeTypes({}, options),
          client.listInstanceAvailability({ query: { is_spot: false } }, options),
          client.listInstanceAvailability({ query: { is_spot: true } }, options),
        ]);
        return verdaOffers({ types, volumeTypes, onDemand, spot });
      }),

    createInstance: ({ offer, name, key, image, storage }, options) =>
      attempt('createInstance', async () => {
        const instanceType = String(offer.native.instanceType);
        if (key === undefined)
          throw invalidOrder(
            'verda',
            'createInstance',
            'A Verda instance needs a key: create one with keys.create first.',
          );
        const id = await client.createInstance(
          {
            body: {
              instance_type: instanceType,
              image: image ?? (await imageFor(client, instanceType, options)),
              location_code: offer.region,
              is_spot: offer.spot,
              ssh_key_ids: [requiredId(key.id, { vendor: 'verda', operation: 'createInstance' })],
              hostname: name,
              description: name,
              os_volume: {
                name,
                size: Math.max(storage ?? osDisk.min, osDisk.min),
                // Left out, the disk of a spot instance that is taken back stays, and bills.
                ...(offer.spot && { on_spot_discontinue: 'delete_permanently' }),
              },
            },
          },
          options,
        );
        return { id: createdId(id, { vendor: 'verda', operation: 'createInstance', form: uuid }) };
      }),

    getInstance: (id, options) =>
      without('not-found', async () => {
        const [instance, prices] = await Promise.all([
          attempt('getInstance', async () => readInstance(id, await getInstance(id, options), read)),
          orUnknown(diskPrices(options)),
        ]);
        return withDisks(instance, prices);
      }),

    async listInstances(options) {
      const [instances, prices] = await Promise.all([
        attempt('listInstances', async () => readInstances(await client.listInstances({}, options), read)),
        orUnknown(diskPrices(options)),
      ]);
      return instances.filter(({ status }) => status !== 'gone').map((instance) => withDisks(instance, prices));
    },

    async deleteInstance(instanceId, options) {
      const id = requiredId(instanceId, { vendor: 'verda', operation: 'performInstanceAction' });
      // One that is not shown, or not readably, may be shown later: it is asked to go all the same.
      const instance = await without('not-found', () =>
        attempt('getInstance', async () => instanceIn(id, await getInstance(id, options), read)),
      );
      if (instance?.status === 'gone') return { accepted: true };
      const { volumeIds } = instance ?? { volumeIds: [] };
      // With an empty list no volume is deleted; without any, the system's is. Permanently only with a list.
      const volumes = volumeIds.length > 0 ? { volume_ids: [...volumeIds], delete_permanently: true } : {};
      const { accepted } = await deletion(
        () =>
          attempt('performInstanceAction', async () =>
            checkResults(await client.performInstanceAction({ body: { action: 'delete', id, ...volumes } }, options)),
          ),
        // Without an answer, 204: nothing was left to do.
        (results) =>
          results === undefined || (Array.isArray(results) && results.some(({ instanceId }) => instanceId === id)),
      );
      return { accepted, volumeIds: accepted ? volumeIds : [] };
    },

    keys: {
      create: ({ name, publicKey }, options) =>
        attempt('createSshKey', async () => {
          const id = await client.createSshKey({ body: { name, key: publicKey } }, options);
          return { id: createdId(id, { vendor: 'verda', operation: 'createSshKey', form: uuid }), name };
        }),
      list: (options) =>
        attempt('listSshKeys', async () =>
          readRows(await client.listSshKeys({}, options), ({ id, name }) => [{ id: listedId(id), name }]),
        ),
      delete: (id, options) =>
        deletion(() => attempt('deleteSshKey', () => client.deleteSshKey({ path: { sshKeyId: id } }, options))),
    },

    volumes: {
      list: (options) => attempt('listVolumes', async () => readRows(await client.listVolumes({}, options), volumeOf)),
      delete: (id, options) =>
        deletion(() =>
          attempt('deleteVolume', () =>
            client.deleteVolume({ path: { volume_id: id }, body: { is_permanent: true } }, options),
          ),
        ),
    },

    jobs: verdaJobs(client, attempt, jobs),
  };
}

/** Instances are listed whatever their disks cost. */
function orUnknown<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch(() => undefined);
}

function volumeOf(volume: components['schemas']['GetVolumePublicResponseDto']): readonly Volume[] {
  const { id, name, status, instance_id, instances } = volume;
  if (status === 'deleted' || status === 'canceled') return [];
  const instanceIds = [...new Set([...(instances ?? []).map((one) => one.id), ...(instance_id ? [instance_id] : [])])];
  return [{ id: listedId(id), name, instanceIds }];
}

async function imageFor(client: VerdaClient, instanceType: string, options: CallOptions | undefined): Promise<string> {
  const image = cudaImage(
    rowsOf(await client.listImages({ query: { instance_type: instanceType } }, options)),
    instanceType,
  );
  if (image === undefined)
    throw invalidOrder(
      'verda',
      'createInstance',
      `Verda has no image with CUDA for ${instanceType}. Name one in the order.`,
    );
  return image;
}

/** An ID is the whole text of an answer, so that nothing but its form shows that the answer was cut. All IDs of the published document are UUIDs. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type ActionResults = readonly components['schemas']['InstanceActionResultDto'][] | undefined;

/** An action on several instances can fail for each of them, whatever the answer's status. */
function checkResults(results: ActionResults): ActionResults {
  for (const { status, error, statusCode } of results ?? []) {
    if (status === 'success') continue;
    const operation = 'performInstanceAction';
    const rule = ruleFor(verdaFailures, { operation, message: error, status: statusCode });
    throw new CloudError(`verda ${operation} was refused: ${error ?? 'no reason given'}.`, {
      kind: rule?.kind ?? 'unavailable',
      vendor: 'verda',
      operation,
      mayHaveTakenEffect: false,
      status: statusCode,
    });
  }
  return results;
}
