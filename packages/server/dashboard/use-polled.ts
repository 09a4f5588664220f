import { useEffect, useState } from 'preact/hooks';

/** The latest answer to a request that is repeated. */
export interface Polled<T> {
  /** Absent until the first answer. Kept when a later request fails. */
  readonly data?: T | undefined;
  /** Why the latest request failed. */
  readonly error?: string | undefined;
  /** When the data arrived, in milliseconds since the epoch. */
  readonly at?: number | undefined;
  /** Requests again now. */
  readonly refresh: () => void;
}

/** Milliseconds until the next request, which may depend on the latest answer. */
type Interval<T> = number | ((data: T | undefined) => number);

/**
 * Requests now, and again after each interval while the page is visible.
 * @param key What is requested. Another one forgets the data.
 */
export function usePolled<T>(key: string, load: () => Promise<T>, everyMs: Interval<T> = 5000): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'refresh'>>({});
  const [round, setRound] = useState(0);
  // `load` is new at each render: `key` says what it requests.
  useEffect(() => setState({}), [key]);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      let next = typeof everyMs === 'number' ? everyMs : everyMs(undefined);
      try {
        const data = document.hidden ? undefined : await load();
        if (current && data !== undefined) setState({ data, at: Date.now() });
        if (typeof everyMs !== 'number') next = everyMs(data);
      } catch (error) {
        if (current) setState((known) => ({ ...known, error: messageOf(error) }));
      }
      if (current) timer = setTimeout(poll, next);
    };
    void poll();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, round]);
  return { ...state, refresh: () => setRound(round + 1) };
}

/** Returns the sentence of the server, or that of the error. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && 'vendorMessage' in error && typeof error.vendorMessage === 'string')
    return error.vendorMessage;
  return error instanceof Error ? error.message : String(error);
}
