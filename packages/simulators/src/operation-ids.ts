import type { operations as GpuAi } from '@gpu-clouds/gpu-ai';
import type { operations as MassedCompute } from '@gpu-clouds/massed-compute';
import type { operations as TensorDock } from '@gpu-clouds/tensordock';
import type { operations as Verda } from '@gpu-clouds/verda';
import type { verdaAdditions } from './verda/additions.ts';

/** The operationIds of each vendor. */
export interface OperationIds {
  readonly 'gpu-ai': keyof GpuAi;
  readonly 'massed-compute': keyof MassedCompute;
  readonly tensordock: keyof TensorDock;
  readonly verda: keyof Verda | (typeof verdaAdditions)[number]['id'];
}
