import type { TensorDockClient } from '@gpu-clouds/tensordock';
import type { CallOptions, Cloud, Offer } from '../cloud.ts';
import { CloudError } from '../cloud-error.ts';
import { attemptsOf, deletion, without } from '../failure-rules.ts';
import { createdId, requiredId } from '../ids.ts';
import { entriesOf, readInstance, readInstances } from '../readable-rows.ts';
import { tensorDockFailures } from './failures.ts';
import { machineIn, tensorDockInstance } from './instances.ts';
import { tensorDockOffers } from './offers.ts';

/** Its images come with the driver. The one that public clients deploy. */
const defaultImage = 'Ubuntu 22.04 LTS';

const attempt = attemptsOf('tensordock', tensorDockFailures);

/** TensorDock as a {@link Cloud}. It has no keys and no volumes: an instance takes a public key, and its disk dies with it. */
export function tensorDockCloud(client: TensorDockClient): Cloud {
  return {
    vendor: 'tensordock',

    readAccount: (_since, options) =>
      attempt('retrieveBalance', async () => {
        const { balance } = await client.retrieveBalance({}, options);
        return { balance };
      }),

    listOffers: (options) =>
      attempt('listHostnodes', async () =>
        tensorDockOffers((await client.listHostnodes({ query: { minGPUCount: 1 } }, options)).hostnodes),
      ),

    createInstance: ({ offer, name, publicKey, image, storage }, options) =>
      attempt('deployVirtualMachine', async () => {
        const hostnode = String(offer.native.hostnode);
        const port = await freePort(client, hostnode, name, options);
        const { server } = await client.deployVirtualMachine(
          {
            body: {
              deployment_type: 'local',
              hostnode,
              gpu_model: String(offer.native.gpuModel),
              gpu_count: offer.gpuCount,
              ...sizeOf(offer),
              storage: Math.max(storage ?? 0, offer.storage ?? 0),
              operating_system: image ?? defaultImage,
              name,
              external_ports: `{${port}}`,
              internal_ports: '{22}',
              // No password: with a key the vendor wants none, so there is none to keep.
              ssh_key: publicKey,
            },
          },
          options,
        );
        return { id: createdId(server, { vendor: 'tensordock', operation: 'deployVirtualMachine' }) };
      }),

    getInstance: (id, options) =>
      without('not-found', () =>
        attempt('getVirtualMachine', async () => {
          const server = requiredId(id, { vendor: 'tensordock', operation: 'getVirtualMachine' });
          const answer = await client.getVirtualMachine({ body: { server } }, options);
          const machine = machineIn(
            server,
            'virtualmachine' in answer ? answer.virtualmachine : answer.virtualmachines,
          );
          // The answer has no ID.
          return machine === undefined
            ? undefined
            : readInstance(server, machine, (row) => tensorDockInstance('', row));
        }),
      ),

    listInstances: (options) =>
      attempt('listVirtualMachines', async () => {
        const { virtualmachines } = await client.listVirtualMachines({}, options);
        const rows = entriesOf(virtualmachines).map(([uuid, machine]) => ({ uuid, ...machine }));
        return readInstances(rows, ({ uuid, ...machine }) => tensorDockInstance(uuid, machine));
      }),

    deleteInstance: (id, options) =>
      deletion(() =>
        attempt('deleteVirtualMachine', () => {
          const server = requiredId(id, { vendor: 'tensordock', operation: 'deleteVirtualMachine' });
          return client.deleteVirtualMachine({ body: { server } }, options);
        }),
      ),
  };
}

function sizeOf({ vcpus = 0, memory = 0 }: Offer): { readonly vcpus: number; readonly ram: number } {
  return { vcpus, ram: memory };
}

/**
 * A port of the hostnode that can forward to SSH. Asked for anew, since offers grow stale; picked by the instance name, so that two
 * instances that are created at once hardly ever pick the same.
 */
async function freePort(
  client: TensorDockClient,
  hostnode: string,
  name: string,
  options: CallOptions | undefined,
): Promise<number> {
  const found = await without('not-found', () =>
    attempt('getHostnode', () => client.getHostnode({ path: { hostnode_uuid: hostnode } }, options)),
  );
  const ports = found?.hostnode.networking.ports ?? [];
  const port = ports[[...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 0) % ports.length];
  if (port !== undefined) return port;
  const reason = found === undefined ? 'is gone' : 'has no port left for SSH';
  throw new CloudError(`TensorDock's hostnode ${hostnode} ${reason}. Choose another offer.`, {
    kind: 'no-capacity',
    vendor: 'tensordock',
    operation: 'getHostnode',
    mayHaveTakenEffect: false,
  });
}
