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
  readonly vendor: string;
  /** Name of the option, for the message. */
  readonly option: string;
  /** What the option was set to. */
  readonly value: string | undefined;
  /** Name of the environment variable. */
  readonly variable: string;
}

/** @throws ApiError `missing-credential`, which names the option and the variable. */
export function credential({ vendor, option, value, variable }: CredentialSource): string {
  const found = value?.trim() || environment(variable);
  if (found) return found;
  throw new ApiError(
    `${vendor}: no credentials. Set the environment variable ${variable}, or pass the option ${option}.`,
    { code: 'missing-credential', vendor },
  );
}

/** @throws ApiError `invalid-option` when it is not an http or https URL, or holds credentials. */
export function baseUrl(vendor: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new ApiError(
      `${vendor}: the base URL must be an http or https URL without user, query and fragment, like https://api.example.com.`,
      { code: 'invalid-option', vendor },
    );
  }
  return value.replace(/\/+$/, '');
}
