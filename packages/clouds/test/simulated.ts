import { createManualClock, createSimulators, writes } from '@gpu-clouds/simulators';
import type { Vendor } from '../src/cloud.ts';
import { createCloud } from '../src/create-clouds.ts';
import { credentialVariables } from '../src/credentials.ts';
import type { Subject } from './contract.ts';
import { hastyClock } from './hasty-clock.ts';

const bootSeconds = 4;
const lagSeconds = 3;

/** A vendor's simulator as the subject of the contract. Its time passes when a test says so. */
export async function simulated(vendor: Vendor): Promise<Subject> {
  const clock = createManualClock();
  const simulators = createSimulators({ seed: 7, bootSeconds, clock });
  await simulators.listen();
  // The same seed makes the same credentials.
  const others = createSimulators({ seed: 7, clock, ssh: false });
  let serving = simulators;
  const { env } = simulators[vendor];
  const variables = credentialVariables[vendor];
  const wrong = Object.fromEntries(variables.map((name) => [name, '11111111-2222-4333-8444-555555555555']));
  const options = { fetch: (request: Request) => serving[vendor].fetch(request), clock: hastyClock };
  return {
    cloud: createCloud(vendor, { ...options, env }),
    stranger: createCloud(vendor, { ...options, env: { ...env, ...wrong } }),
    variables,
    pass: () => clock.advance(bootSeconds + 1),
    left: () => simulators.ledger().left,
    made: (name) => simulators.ledger().instances.filter((instance) => instance.name === name).length,
    hardware: (name) => simulators.ledger().instances.find((instance) => instance.name === name)?.hardware,
    sellOut: () => simulators.faults.add({ kind: 'out-of-capacity', vendor }),
    loseCreateAnswers: () =>
      simulators.faults.add({ kind: 'lost-response', vendor, operation: writes[vendor][0], count: 10 }),
    loseKeyAnswers: () =>
      simulators.faults.add({ kind: 'lost-response', vendor, operation: 'createSshKey', count: 10 }),
    failAfterAccepting: () => simulators.faults.add({ kind: 'accepted-then-failed', vendor }),
    takeBack: () => simulators.faults.add({ kind: 'preempt', vendor, seconds: 1 }),
    delayListing: () => simulators.faults.add({ kind: 'list-lag', vendor, seconds: lagSeconds }),
    switchAccount: (other) => {
      serving = other ? others : simulators;
    },
    close: () => simulators.close(),
  };
}
