import type { Mutation } from './mutation.ts';

/** Defects that the product once had, or that a fault class exists for. */
export const mutations: readonly Mutation[] = [
  {
    defect: "a disk drops out of the cap when the vendor reports the instance's bare price",
    edits: [
      {
        file: 'packages/clouds/src/verda/volume-prices.ts',
        before: 'return { ...instance, pricePerHour: roundedPrice(bare + disks) };',
        after: 'return { ...instance, pricePerHour: roundedPrice(bare + 0 * disks) };',
      },
      {
        file: 'workflows/src/workflows/lease-time.ts',
        before: 'const price = Math.max(this.#orderedPricePerHour, reportedPricePerHour);',
        after: 'const price = reportedPricePerHour;',
      },
    ],
    run: { kind: 'cap-cost', storage: 10_000 },
    counter: 'unreported',
  },
  {
    defect: 'one wrong answer ends a teardown',
    edits: [
      {
        file: 'packages/clouds/src/absence.ts',
        before: 'if (confirmed) return true;',
        after: 'if (confirmed || polls >= 1) return true;',
      },
    ],
    fault: 'wrong-answers',
    counter: 'orphaned',
  },
  {
    defect: 'a price is read once',
    edits: [
      {
        file: 'workflows/src/activities/price-changes.ts',
        before: 'if (counts > pricePerHour * steep) return true;',
        after: 'if (counts > pricePerHour * steep) return false;',
      },
    ],
    fault: 'price-change',
    run: { kind: 'cap-cost' },
    counter: 'unreported',
  },
  {
    defect: 'text in the exit file counts as exit code 0',
    edits: [
      {
        file: 'workflows/src/ssh/remote-step.ts',
        before: 'const code = /^\\d{1,3}$/.test(said) ? Number(said) : Number.NaN;',
        after: 'const code = Number(said);',
      },
    ],
    fault: 'forged-exit',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'what the shell prints at its start mixes with data',
    edits: [
      {
        file: 'workflows/src/ssh/framing.ts',
        before: 'if (this.#begun) return piece;',
        after: 'if (this.#begun || piece) return piece;',
      },
    ],
    fault: 'shell-noise',
    counter: 'wrongOutcomes',
  },
];
