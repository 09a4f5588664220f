import { ApiError } from './api-error.ts';

/** Returns an environment variable, or undefined when it is not set, empty, or not readable. The only reader of the environment. */
export function environment(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
    return process?.env?.[name]?.trim() || undefined;
  } catch {
    // Deno throws without --allow-env.
    return undefined;
  }
}

/** Where a credential comes from. */
export interface CredentialSource {
  /** The vendor's package name, such as `verda`. */
  readonly vendor: string;
  /** Name of the option, for the error message. */
  readonly option: string;
  /** Value of the option. */
  readonly value: string | undefined;
  /** Name of the environment variable. */
  readonly variable: string;
}

/**
 * Returns a credential from its option, or from its environment variable.
 * @throws {ApiError} `missing-credential`; the message names the option and the variable
 */
export function credential({ vendor, option, value, variable }: CredentialSource): string {
  const found = value?.trim() || environment(variable);
  if (found) return found;
  const message = `${vendor}: no credentials. Set the environment variable ${variable}, or pass the option ${option}.`;
  throw new ApiError(message, { code: 'missing-credential', vendor });
}

/** Where a base URL comes from. */
export interface BaseUrlSource {
  /** The vendor's package name, such as `verda`. */
  readonly vendor: string;
  /** Value of the option `baseUrl`. */
  readonly value: string | undefined;
  /** Name of the environment variable. */
  readonly variable: string;
  /** The first server of the vendor's document. */
  readonly fallback: string;
}

/**
 * Returns the base URL from its option, its environment variable, or the vendor's document, without a trailing slash.
 * @throws {ApiError} `invalid-option` when it is not an http or https URL, or has a user, query, or fragment
 */
export function baseUrl({ vendor, value, variable, fallback }: BaseUrlSource): string {
  const found = value ?? environment(variable) ?? fallback;
  const url = URL.canParse(found) ? new URL(found) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
    return found.replace(/\/+$/, '');
  }
  const source = value === undefined ? variable : 'the option baseUrl';
  const message = `${vendor}: ${source} must be an http or https URL without user, query, and fragment, like ${fallback}.`;
  throw new ApiError(message, { code: 'invalid-option', vendor });
}
