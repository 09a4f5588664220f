import type { FaultRule, OperationIds, Vendor } from '@gpu-clouds/simulators';
import type { FaultClass } from './fault-classes.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Operations that create or delete resources, even if their response is lost. */
const writes: { readonly [V in Vendor]: readonly [OperationIds[V], ...OperationIds[V][]] } = {
  'gpu-ai': ['createInstance', 'createInstance', 'createSshKey', 'deleteInstance', 'deleteSshKey'],
  'massed-compute': ['launchInstance', 'launchInstance', 'createSshKey', 'terminateInstances', 'deleteSshKey'],
  tensordock: ['deployVirtualMachine', 'deployVirtualMachine', 'deleteVirtualMachine'],
  verda: [
    ...(['createInstance', 'createInstance', 'createSshKey', 'performInstanceAction', 'deleteSshKey'] as const),
    ...(['createJobDeployment', 'submitJob', 'deleteJobDeployment'] as const),
  ],
};

/** Creates the rules for the simulators. Each applies a limited number of times. */
export function vendorRules(fault: FaultClass, vendor: Vendor, random: SeededRandom): readonly FaultRule[] {
  switch (fault) {
    case 'vendor-errors':
      return [
        {
          kind: random.pick(['http-500', 'http-502', 'http-503', 'refuse']),
          vendor,
          count: random.int(1, 6),
          ...(random.chance(0.5) ? { operation: random.pick(writes[vendor]) } : {}),
        },
      ];
    case 'rate-limit':
      return [{ kind: 'rate-limit', vendor, count: random.int(1, 4), seconds: random.int(1, 3) }];
    case 'latency':
      return [
        {
          kind: 'latency',
          vendor,
          count: random.int(1, 5),
          seconds: random.int(1, 6),
          ...(random.chance(0.5) ? { operation: random.pick(writes[vendor]) } : {}),
        },
      ];
    case 'lost-response':
      return [{ kind: 'lost-response', vendor, operation: random.pick(writes[vendor]), count: random.int(1, 2) }];
    // Shorter than the time for which the workers poll for the result of a create.
    case 'list-lag':
      return [
        { kind: 'list-lag', vendor, seconds: random.int(1, 4) },
        ...(random.chance(0.5) ? [{ kind: 'lost-response', vendor, operation: writes[vendor][0] } as const] : []),
      ];
    case 'ssh-refuses':
      return [{ kind: 'ssh-refuses', vendor, ...(random.chance(0.7) ? { seconds: random.int(3, 10) } : {}) }];
    case 'ssh-drop':
      return [{ kind: 'ssh-drop', vendor, seconds: random.int(0, 3) }];
    case 'preempt':
      return [{ kind: 'preempt', vendor, seconds: random.int(0, 6) }];
    case 'delete-fails':
      return [{ kind: 'delete-fails', vendor, count: random.int(1, 8) }];
    // Verda refuses to delete an instance while it is provisioning. Provisioning may fail before or after the workers give up.
    case 'never-boots':
      return [{ kind: fault, vendor, ...(vendor === 'verda' ? { seconds: random.int(20, 60) } : {}) }];
    case 'out-of-capacity':
    case 'accepted-then-failed':
      return [{ kind: fault, vendor }];
    default:
      return [];
  }
}
