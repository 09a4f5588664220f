import type { Fault } from './fault.ts';

/** What others have in the accounts. */
export const accountFaults = {
  /** Another fleet, and a person, own an instance in each account. */
  'shared-account': {},
} as const satisfies Readonly<Record<string, Fault>>;
