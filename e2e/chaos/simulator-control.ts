import type { FaultRule, Ledger } from '@gpu-clouds/simulators';
import { type Bystander, withoutBystanders } from './bystanders.ts';

/** Client for the control API of the simulators. */
export interface SimulatorControl {
  /** Reads the current ledger, without the bystanders. */
  ledger(): Promise<Ledger>;
  /** Reads the part of the ledger that belongs to others. */
  bystanders(): Promise<readonly Bystander[]>;
  /** Returns the ledger, cached for up to half a second for frequent polling. */
  recentLedger(): Promise<Ledger>;
  /** Adds fault rules. @returns false when a rule names an instance that does not exist */
  addFaults(rules: readonly FaultRule[]): Promise<boolean>;
  /** Removes all fault rules. */
  clearFaults(): Promise<void>;
}

const cacheMs = 500;

/** Creates a client for the control API at the URL of any simulator. */
export function simulatorControl(url: string): SimulatorControl {
  const faults = new URL('/_simulator/faults', url);
  const read = async () =>
    withoutBystanders((await (await fetch(new URL('/_simulator/ledger', url))).json()) as Ledger);
  const ledger = async () => (await read()).ledger;
  let last: { readonly at: number; readonly ledger: Promise<Ledger> } | undefined;
  return {
    ledger,
    bystanders: async () => (await read()).bystanders,
    recentLedger() {
      const at = Date.now();
      if (last === undefined || at - last.at > cacheMs) last = { at, ledger: ledger() };
      return last.ledger;
    },
    async addFaults(rules) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(faults, { method: 'POST', headers, body: JSON.stringify(rules) });
      if (response.ok) return true;
      const text = await response.text();
      if (text.includes('Unknown instance')) return false;
      throw new Error(`The simulators rejected the rules ${JSON.stringify(rules)}: ${text}`);
    },
    async clearFaults() {
      await fetch(faults, { method: 'DELETE' });
    },
  };
}
