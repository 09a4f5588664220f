import { useLocation } from 'preact-iso';

/** The filters of a page, which are in its address, so that they can be shared and survive a reload. */
export function useFilters(): {
  readonly filters: Readonly<Record<string, string>>;
  readonly key: string;
  readonly setFilter: (name: string, value: string) => void;
} {
  const { path, query, route } = useLocation();
  const setFilter = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value.trim() === '') next.delete(name);
    else next.set(name, value.trim());
    route(next.size === 0 ? path : `${path}?${next}`, true);
  };
  return { filters: query, key: new URLSearchParams(query).toString(), setFilter };
}

/** Returns the values of a filter that are separated by commas, or undefined if there is none. */
export function listOf(value: string | undefined): string[] | undefined {
  const parts = (value ?? '').split(',').flatMap((part) => part.trim() || []);
  return parts.length === 0 ? undefined : parts;
}
