import { ApiError } from './api-error.ts';

/** The one place that reads the environment. Undefined where there is none, where it may not be read, and when empty. */
export function environment(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
    return process?.env?.[name]?.trim() || undefined;
  } catch {
    // Deno without --allow-env throws.
    return undefined;
  }
}

/** A credential from an option or else from the environment. */
export interface CredentialSource {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** Name of the option, for the message. */
  readonly option: string;
  /** What the option was set to. */
  readonly value: string | undefined;
  /** Name of the environment variable. */
  readonly variable: string;
}

/**
 * The option's value, or else the variable's.
 * @throws ApiError `missing-credential`, which names the option and the variable.
 */
export function credential({ vendor, option, value, variable }: CredentialSource): string {
  const found = value?.trim() || environment(variable);
  if (found) return found;
  throw new ApiError(
    `${vendor}: no credentials. Set the environment variable ${variable}, or pass the option ${option}.`,
    { code: 'missing-credential', vendor },
  );
}

/** Where an API is: from an option, else from the environment, else where the vendor says. */
export interface BaseUrlSource {
  /** The vendor's package name: `verda`. */
  readonly vendor: string;
  /** What the option `baseUrl` was set to. */
  readonly value: string | undefined;
  /** Name of the environment variable. */
  readonly variable: string;
  /** The first server of the vendor's document. */
  readonly fallback: string;
}

/**
 * The option's URL, or the variable's, or the vendor's own; without a slash at its end.
 * @throws ApiError `invalid-option` when it is not an http or https URL, or holds more than a place.
 */
export function baseUrl({ vendor, value, variable, fallback }: BaseUrlSource): string {
  const found = value ?? environment(variable) ?? fallback;
  const url = URL.canParse(found) ? new URL(found) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
    return found.replace(/\/+$/, '');
  }
  throw new ApiError(
    `${vendor}: ${value === undefined ? variable : 'the option baseUrl'} must be an http or https URL ` +
      `without user, query and fragment, like ${fallback}.`,
    { code: 'invalid-option', vendor },
  );
}
