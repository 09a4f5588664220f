import type { Client as FetchClient } from 'openapi-fetch';
import type { RawClientSettings } from './raw-client.ts';

const names = ['request', 'GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'use', 'eject'];

/** A raw client that loads itself, and openapi-fetch, when it is first used. Calls are made in the order they are asked for. */
export function lazyRawClient<Paths extends object>(settings: RawClientSettings): FetchClient<Paths> {
  type Untyped = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  let loading: Promise<Untyped> | undefined;
  const load = async () => (await import('./raw-client.ts')).createRawClient(settings) as unknown as Untyped;
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (...args: unknown[]) => {
        loading ??= load();
        return (await loading)[name]?.(...args);
      },
    ]),
  ) as unknown as FetchClient<Paths>;
}
