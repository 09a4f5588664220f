import type { Evidence } from '../evidence.ts';
import type { OperationIds } from '../operation-ids.ts';

export const evidence: Evidence<OperationIds['massed-compute']> = {
  listGpuInventory: ['massed-compute-mcp'],
  listImages: ['massed-compute-mcp'],
  listInstances: ['massed-compute-mcp'],
  getInstance: ['massed-compute-mcp', 'recorded'],
  launchInstance: ['massed-compute-mcp'],
  restartInstances: ['massed-compute-mcp'],
  terminateInstances: ['massed-compute-mcp', 'recorded'],
  getCoupon: ['massed-compute-mcp'],
  listCouponProducts: ['massed-compute-mcp'],
  validateToken: ['massed-compute-mcp'],
  getBilling: ['massed-compute-mcp'],
  listSshKeys: ['massed-compute-mcp'],
  createSshKey: ['massed-compute-mcp'],
  deleteSshKey: ['massed-compute-mcp', 'recorded'],
  listRecipes: ['massed-compute-mcp', 'guess'],
  searchRecipes: ['massed-compute-mcp', 'guess'],
  getRecipe: ['massed-compute-mcp', 'guess'],
};
