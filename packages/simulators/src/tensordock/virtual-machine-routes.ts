import { numberOf, textOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import { bidSucceeds } from './deploy-form.ts';
import { failure } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { virtualMachineView } from './virtual-machine-view.ts';
import type { VirtualMachines } from './virtual-machines.ts';

/** Creates the routes that deploy, list, change, and delete virtual machines. */
export function virtualMachineRoutes(virtualMachines: VirtualMachines): Route[] {
  const path = '/api/v0/client';
  const one = ({ body }: Call) => virtualMachines.required(body);
  return [
    { method: 'POST', path: `${path}/deploy/single`, handle: (call) => virtualMachines.deploy(call) },
    {
      method: 'POST',
      path: `${path}/list`,
      handle: () => {
        const shown = virtualMachines.store.listed().filter(({ id }) => virtualMachines.get(id) !== undefined);
        return {
          status: 200,
          json: {
            success: true,
            virtualmachines: Object.fromEntries(shown.map((instance) => [instance.id, virtualMachineView(instance)])),
          },
        };
      },
    },
    {
      method: 'POST',
      path: `${path}/get/single`,
      handle: ({ body }) => {
        const instance = virtualMachines.get(textOf(body, 'server') ?? '');
        // The vendor returns one object under a plural name, and 200 for an unknown id.
        return instance === undefined
          ? failure('Server not found')
          : { status: 200, json: { success: true, virtualmachines: virtualMachineView(instance) } };
      },
    },
    { method: 'POST', path: `${path}/start/single`, handle: (call) => virtualMachines.start(one(call)) },
    { method: 'POST', path: `${path}/stop/single`, handle: (call) => virtualMachines.stop(one(call), call.body) },
    { method: 'POST', path: `${path}/modify/single`, handle: (call) => virtualMachines.modify(one(call), call.body) },
    { method: 'POST', path: `${path}/delete/single`, handle: (call) => virtualMachines.delete(call) },
  ];
}

/** Creates the routes that validate spot bids. */
export function spotRoutes(hosts: Hosts, virtualMachines: VirtualMachines): Route[] {
  const path = '/api/v0/client/spot/validate';
  const verdict = (succeeds: boolean) =>
    succeeds ? { status: 200, json: { success: true } } : failure('Bid price is too low');
  return [
    {
      method: 'POST',
      path: `${path}/new`,
      handle: ({ body }) => {
        const host = hosts.get(textOf(body, 'hostnode') ?? '');
        if (host === undefined) return failure('Hostnode unavailable');
        const gpuModel = textOf(body, 'gpu_model') ?? '';
        const [gpuCount = 0, vcpus = 0, ram = 0, storage = 0] = ['gpu_count', 'vcpus', 'ram', 'storage'].map(
          (name) => numberOf(body, name) ?? 0,
        );
        return verdict(bidSucceeds(host, { gpuModel, gpuCount, vcpus, ram, storage }, numberOf(body, 'price')));
      },
    },
    {
      method: 'POST',
      path: `${path}/existing`,
      handle: ({ body }) => {
        const { host, share } = virtualMachines.required(body).detail;
        return verdict(bidSucceeds(host, share, numberOf(body, 'price')));
      },
    },
  ];
}
