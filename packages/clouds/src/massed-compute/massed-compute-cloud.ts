import type { components, MassedComputeClient } from '@gpu-clouds/massed-compute';
import type { Cloud } from '../cloud.ts';
import { attemptsOf, checkFixedStorage, deletion, invalidOrder, without } from '../failure-rules.ts';
import { createdId, listedId, requiredId } from '../ids.ts';
import { readInstance, readInstances, readRows, rowsOf } from '../readable-rows.ts';
import { massedComputeFailures } from './failures.ts';
import { imageId } from './images.ts';
import { massedComputeInstance } from './instances.ts';
import { instanceNameOfKey, keyName } from './key-names.ts';
import { massedComputeOffers } from './offers.ts';

/** What the adapter of Massed Compute needs beside its client. */
export interface MassedComputeCloudOptions {
  /** Where SSH answers on every instance. Default 22, as the vendor promises; simulators need another. */
  readonly sshPort?: number | undefined;
}

const attempt = attemptsOf('massed-compute', massedComputeFailures);

/** Massed Compute as a {@link Cloud}. */
export function massedComputeCloud(
  client: MassedComputeClient,
  { sshPort = 22 }: MassedComputeCloudOptions = {},
): Cloud {
  return {
    vendor: 'massed-compute',

    listOffers: (options) =>
      attempt('listGpuInventory', async () =>
        massedComputeOffers((await client.listGpuInventory({}, options)).gpu_inventory),
      ),

    createInstance: (order, options) =>
      attempt('launchInstance', async () => {
        const { offer, name, key, image } = order;
        checkFixedStorage(order, 'launchInstance');
        if (key === undefined) {
          throw invalidOrder(
            'massed-compute',
            'launchInstance',
            'A Massed Compute instance needs a key: create one with keys.create first.',
          );
        }
        const { images } = await client.listImages({}, options);
        const { response } = await client.launchInstance(
          {
            body: {
              imageId: imageId(rowsOf(images), image),
              productName: String(offer.native.productName),
              regionName: offer.region,
              instanceName: name,
              sshKeys: [keyName(key.name)],
            },
          },
          options,
        );
        return { id: createdId(response, { vendor: 'massed-compute', operation: 'launchInstance' }) };
      }),

    getInstance: (id, options) =>
      without('not-found', () =>
        attempt('getInstance', async () =>
          readInstance(id, await client.getInstance({ path: { uuid: id } }, options), (instance) =>
            massedComputeInstance(instance, sshPort),
          ),
        ),
      ),

    listInstances: (options) =>
      attempt('listInstances', async () =>
        readInstances((await client.listInstances({}, options)).runningInstances, (instance) =>
          massedComputeInstance(instance, sshPort),
        ).filter(({ status }) => status !== 'gone'),
      ),

    deleteInstance: (id, options) =>
      deletion(
        () =>
          attempt('terminateInstances', () => {
            const uuid = requiredId(id, { vendor: 'massed-compute', operation: 'terminateInstances' });
            return client.terminateInstances({ body: { instanceUuids: [uuid] } }, options);
          }),
        (answer) => hasTerminated(answer, id),
      ),

    keys: {
      create: ({ name, publicKey }, options) =>
        attempt('createSshKey', async () => {
          const { sshKey } = await client.createSshKey({ body: { name: keyName(name), publicKey } }, options);
          return { id: createdId(sshKey.id, { vendor: 'massed-compute', operation: 'createSshKey' }), name };
        }),
      list: (options) =>
        attempt('listSshKeys', async () =>
          readRows((await client.listSshKeys({}, options)).sshKeys, ({ id, name }) => [
            { id: listedId(id), name: instanceNameOfKey(name) },
          ]),
        ),
      delete: (id, options) =>
        deletion(() => attempt('deleteSshKey', () => client.deleteSshKey({ path: { id } }, options))),
    },
  };
}

/** The published document's answer lists what was terminated. A failure can have a good status too. */
function hasTerminated(answer: components['schemas']['TerminateInstanceV1'] | undefined, uuid: string): boolean {
  const listed: unknown = answer?.response?.data?.terminated_instances;
  return Array.isArray(listed) && listed.some((instance) => listedId(instance?.id) === uuid);
}
