import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The host has an address that is not public. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

export interface PostOptions {
  readonly signal: AbortSignal;
  /** Whether the host may have an address that is not public. */
  readonly allowPrivate: boolean;
}

const timeoutMs = 10_000;

/**
 * Posts JSON and returns the status of the answer, whose body is not read. Follows no redirect and uses no proxy.
 * @throws {PrivateAddressError} The host has an address that is not public, and `allowPrivate` is not set. Nothing was sent.
 */
export function postJson(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { signal, allowPrivate }: PostOptions,
): Promise<number> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // No lookup is made for an address.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(new PrivateAddressError());
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      lookup: allowPrivate ? undefined : publicLookup,
    });
    call.on('error', reject);
    call.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    call.end(body);
  });
}

/** The connection is made to what was checked here: a second lookup could give another address. */
const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) callback(error ?? new Error('The host has no address.'), []);
    else if (!addresses.every(({ address }) => isPublicAddress(address))) callback(new PrivateAddressError(), []);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Looks public, and reaches Azure's host: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16. */
const azureHost = '168.63.129.16';
/** All that is assigned: https://www.iana.org/assignments/ipv6-address-space. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** Returns whether an address is public: not of this machine, its networks, or a cloud's metadata service, in any notation. */
export function isPublicAddress(text: string): boolean {
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || address.toString() === azureHost) return false;
  return address.kind() === 'ipv4' || address.match(globalUnicast);
}
