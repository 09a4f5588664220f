import type { Offer } from '@gpu-clouds/clouds';
import type { Client } from '@temporalio/client';

declare const client: Client;
declare const offer: Offer;
declare const masterSecret: string;

// #region shown
import { deriveSshKey, leaseInstance } from '@gpu-clouds/jobs';

const lease = await leaseInstance(client, { offer, ttl: '2h', maxTtl: '8h', maxCost: 20 }); // offer: from listOffers() or rankOffers()
const { host, port, user, hostKey, keyName, secretId } = await lease.ready();
const { privateKey } = deriveSshKey(masterSecret, keyName, secretId); // neither Temporal nor the lease stores the key
await lease.extend('3h'); // at least this long from now, up to maxTtl and maxCost
await lease.release();
console.log(await lease.ended()); // { why: 'released' }, 'cap-reached', 'idle', or 'failed' with kind and message
// #endregion

console.log(host, port, user, hostKey, privateKey);
