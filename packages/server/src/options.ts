import type { Offer } from '@gpu-clouds/clouds/pure';
import type { RunStore } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

/** What can be rented now. */
export interface ListedOffers {
  /** The offers of all clouds that answer. */
  readonly offers: readonly Offer[];
  /** One sentence for each cloud that is left out. */
  readonly notes: readonly string[];
}

/** Options of {@link createApp}. */
export interface AppOptions {
  /** A connection to Temporal. Its codec decrypts payloads for Temporal's web interface. */
  readonly client: Client;
  /** The fleet to show. Nothing of another fleet is shown. */
  readonly fleet: string;
  /** The run store of the workers. It also has the hashes of the tokens. */
  readonly runs: RunStore;
  /** Lists the offers of all clouds. Its answer is shared for 15 seconds. */
  readonly offers: () => Promise<ListedOffers>;
  /** A token that may do everything. Default: no token may; those in the run store can read, or stop their own runs. */
  readonly adminToken?: string | undefined;
  /** Host names, without a port, that requests may be for, besides those of the loopback interface. Others are refused, because of DNS rebinding. */
  readonly hosts?: readonly string[] | undefined;
  /** Address of Temporal's web interface. Runs link to it, and only its pages may call the codec. Default: none. */
  readonly temporalUi?: string | undefined;
  /** Folder of the built dashboard. Default: that of this package. */
  readonly dashboard?: string | undefined;
  /** Requests that may be made within a minute with one token, and without a known token from one address. Default: 1200. */
  readonly requestsPerMinute?: number | undefined;
  /** Called with one line for each unexpected error. Default: nothing is logged. */
  readonly log?: ((line: string) => void) | undefined;
}
