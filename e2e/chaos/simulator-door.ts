import type { FaultRule, Ledger } from '@gpu-clouds/simulators';

/** The back door of the simulators. */
export interface SimulatorDoor {
  ledger(): Promise<Ledger>;
  /** The ledger as it was a moment ago, for the many who look again and again. */
  glimpse(): Promise<Ledger>;
  /** @returns false when there is nothing that it could strike */
  addFaults(rules: readonly FaultRule[]): Promise<boolean>;
  clearFaults(): Promise<void>;
}

const glimpseMs = 200;

export function simulatorDoor(url: string): SimulatorDoor {
  const faults = new URL('/_simulator/faults', url);
  const ledger = async () => (await (await fetch(new URL('/_simulator/ledger', url))).json()) as Ledger;
  let last: { readonly at: number; readonly ledger: Promise<Ledger> } | undefined;
  return {
    ledger,
    glimpse() {
      const at = Date.now();
      if (last === undefined || at - last.at > glimpseMs) last = { at, ledger: ledger() };
      return last.ledger;
    },
    async addFaults(rules) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(faults, { method: 'POST', headers, body: JSON.stringify(rules) });
      if (response.ok) return true;
      const text = await response.text();
      if (text.includes('no instance')) return false;
      throw new Error(`The simulators refuse the rules ${JSON.stringify(rules)}: ${text}`);
    },
    async clearFaults() {
      await fetch(faults, { method: 'DELETE' });
    },
  };
}
