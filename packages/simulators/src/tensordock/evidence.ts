import type { Evidence } from '../evidence.ts';
import type { OperationIds } from '../operation-ids.ts';

export const evidence: Evidence<OperationIds['tensordock']> = {
  testAuthorization: ['tensordock-python'],
  listAuthorizations: ['tensordock-python'],
  listHostnodes: ['tensordock-python'],
  getHostnode: ['tensordock-python'],
  deployVirtualMachine: ['tensordock-python'],
  validateSpotNew: ['tensordock-python'],
  validateSpotExisting: ['tensordock-python'],
  listVirtualMachines: ['tensordock-python'],
  getVirtualMachine: ['tensordock-python'],
  startVirtualMachine: ['tensordock-python'],
  stopVirtualMachine: ['tensordock-python'],
  modifyVirtualMachine: ['tensordock-python'],
  deleteVirtualMachine: ['tensordock-python'],
  deployInstantVm: ['guess'],
  listInstantVms: ['guess'],
  deployContainer: ['tensordock-python'],
  scaleContainer: ['tensordock-python'],
  terminateContainer: ['tensordock-python'],
  listContainerReplicas: ['tensordock-python'],
  retrieveBalance: ['tensordock-python'],
  retrieveRevenue: ['guess'],
  retrieveMonthlySummary: ['guess'],
};
