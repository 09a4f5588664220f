import { baseUrl, type ClientOptions, createClient, credential, schemeAuth } from '@gpu-clouds/core';
import type { VendorNameMethods } from './generated/methods.ts';
import { operations, securitySchemes, serverUrl } from './generated/operations.ts';

const vendor = 'vendor-name';

/** Options of `createVendorName`: the credential and the options of all clients. */
export interface VendorNameOptions extends ClientOptions {
  /** API key or token; `user:password` for basic authentication. Default: the variable `VENDOR_NAME_API_KEY`. */
  readonly apiKey?: string | undefined;
}

/** VendorName's operations as methods. */
export type VendorNameClient = VendorNameMethods;

/**
 * Creates a client of the VendorName API.
 * @throws {ApiError} `missing-credential`, `invalid-option`
 */
export function createVendorName(options: VendorNameOptions = {}): VendorNameClient {
  const { apiKey, ...common } = options;
  const key = credential({ vendor, option: 'apiKey', value: apiKey, variable: 'VENDOR_NAME_API_KEY' });
  return createClient<VendorNameClient>({
    ...common,
    vendor,
    operations,
    baseUrl: baseUrl({ vendor, value: options.baseUrl, variable: 'VENDOR_NAME_BASE_URL', fallback: serverUrl }),
    auth: schemeAuth(securitySchemes['scheme-name'], key),
  });
}
