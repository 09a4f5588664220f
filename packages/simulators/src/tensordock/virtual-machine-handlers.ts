import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf, textOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { bidSucceeds, shareIn } from './deploy-form.ts';
import { failure } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { virtualMachineView } from './virtual-machine-view.ts';
import type { VirtualMachines } from './virtual-machines.ts';

/** Creates the handlers that deploy, list, change, and delete virtual machines. */
export function virtualMachineHandlers(virtualMachines: VirtualMachines): Handlers<OperationIds['tensordock']> {
  const one = ({ body }: Call) => virtualMachines.required(body);
  return {
    deployVirtualMachine: (call) => virtualMachines.deploy(call),
    listVirtualMachines: () => {
      const shown = virtualMachines.store.listed().filter(({ phase }) => phase !== 'gone');
      const virtualmachines = Object.fromEntries(shown.map((instance) => [instance.id, virtualMachineView(instance)]));
      return ok({ success: true, virtualmachines });
    },
    getVirtualMachine: ({ body }) => {
      const instance = virtualMachines.get(textOf(body, 'server') ?? '');
      // The vendor returns one object under a plural name, and 200 for an unknown id.
      return instance === undefined
        ? failure('Server not found')
        : ok({ success: true, virtualmachines: virtualMachineView(instance) });
    },
    startVirtualMachine: (call) => virtualMachines.start(one(call)),
    stopVirtualMachine: (call) => virtualMachines.stop(one(call), call.body),
    modifyVirtualMachine: (call) => virtualMachines.modify(one(call), call.body),
    deleteVirtualMachine: (call) => virtualMachines.delete(call),
  };
}

/** Creates the handlers that validate spot bids. */
export function spotHandlers(hosts: Hosts, virtualMachines: VirtualMachines): Handlers<OperationIds['tensordock']> {
  const verdict = (succeeds: boolean) => (succeeds ? ok({ success: true }) : failure('Bid price is too low'));
  return {
    validateSpotNew: ({ body }) => {
      const host = hosts.get(String(body.hostnode));
      if (host === undefined) return failure('Hostnode unavailable');
      return verdict(bidSucceeds(host, shareIn(body), numberOf(body, 'price')));
    },
    validateSpotExisting: ({ body }) => {
      const { host, share } = virtualMachines.required(body).detail;
      return verdict(bidSucceeds(host, share, numberOf(body, 'price')));
    },
  };
}
