import type { Evidence } from '../evidence.ts';
import type { OperationIds } from '../operation-ids.ts';

export const evidence: Evidence<OperationIds['gpu-ai']> = {
  listGpuTypes: ['gpu-ai-python'],
  getHealth: ['gpu-ai-python'],
  listInstances: ['gpu-ai-python'],
  createInstance: ['gpu-ai-python'],
  deleteInstance: ['gpu-ai-python'],
  getInstance: ['gpu-ai-python'],
  updateInstance: ['gpu-ai-python'],
  getOpenApiSpec: ['gpu-ai-python'],
  getOperation: ['gpu-ai-python'],
  listPricing: ['gpu-ai-python'],
  listSshKeys: ['gpu-ai-python'],
  createSshKey: ['gpu-ai-python'],
  deleteSshKey: ['gpu-ai-python'],
  getSshKey: ['gpu-ai-python'],
  listUsage: ['gpu-ai-python'],
  listWebhookEndpoints: ['gpu-ai-python'],
  createWebhookEndpoint: ['gpu-ai-python'],
  deleteWebhookEndpoint: ['gpu-ai-python'],
  getWebhookEndpoint: ['gpu-ai-python'],
};
