import { type Cloud, createClouds } from '@gpu-clouds/clouds';
import { deriveSshKey } from '@gpu-clouds/jobs';
import type { Ledger } from '@gpu-clouds/simulators';

/** What every name of a bystander contains. */
const mark = 'bystander';
/** An instance of another fleet, and one that was not made by gpu-clouds. */
const names = [`gpuc-${mark}-train-0`, `my-${mark}-box`] as const;

/** In base64, so that it is not taken for a password, which would be stretched. */
const secret = Buffer.from('the secret of another fleet, which has 32 bytes').toString('base64');

/**
 * Rents instances in each account that the product must never touch, because another fleet or a person owns them.
 * @param env Environment with the credentials of the simulated clouds.
 */
export async function placeBystanders(env: NodeJS.ProcessEnv): Promise<void> {
  const clouds = [...createClouds({ env }).clouds.values()];
  await Promise.all(clouds.flatMap((cloud) => names.map((name) => rent(cloud, name))));
}

async function rent(cloud: Cloud, name: string): Promise<void> {
  const { publicKey } = deriveSshKey(secret, name);
  const key = await cloud.keys?.create({ name, publicKey });
  const [offer] = (await cloud.listOffers()).filter(({ available = 1 }) => available > 0);
  if (offer === undefined) throw new Error(`${cloud.vendor} has no offer for a bystander.`);
  await cloud.createInstance({ offer, name, publicKey, key });
}

/** Splits a ledger into the product's resources and those of the bystanders. */
export function withoutBystanders(ledger: Ledger): {
  readonly ledger: Ledger;
  readonly bystanders: readonly Bystander[];
} {
  const instances = ledger.instances.filter(isProducts);
  const keys = ledger.keys.filter(isProducts);
  const volumes = ledger.volumes.filter(isProducts);
  const jobDeployments = ledger.jobDeployments.filter(isProducts);
  const left = {
    instances: existing(instances),
    keys: existing(keys),
    volumes: existing(volumes),
    jobDeployments: existing(jobDeployments),
  };
  const dollars = [...instances, ...volumes, ...jobDeployments].reduce((sum, item) => sum + item.dollars, 0);
  const bystanders = [...ledger.instances, ...ledger.keys, ...ledger.volumes].filter((item) => !isProducts(item));
  return { ledger: { instances, keys, volumes, jobDeployments, dollars, left }, bystanders };
}

/** An instance, key, or volume of another owner. */
export type Bystander = Pick<Ledger['keys'][number], 'vendor' | 'id' | 'name' | 'goneAt'>;

function isProducts({ name }: { readonly name: string }): boolean {
  // Massed Compute's key names have no hyphens.
  return !name.includes(mark);
}

function existing(items: readonly { readonly goneAt?: string }[]): number {
  return items.filter(({ goneAt }) => goneAt === undefined).length;
}
