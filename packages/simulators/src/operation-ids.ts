import type { operations as GpuAi } from '@gpu-clouds/gpu-ai';
import type { operations as MassedCompute } from '@gpu-clouds/massed-compute';
import type { operations as TensorDock } from '@gpu-clouds/tensordock';
import type { operations as Verda } from '@gpu-clouds/verda';
import type { massedComputeAdditions } from './massed-compute/additions.ts';
import type { verdaAdditions } from './verda/additions.ts';

/** The operationIds of each vendor. */
export interface OperationIds {
  /** Of GPU.ai. */
  readonly 'gpu-ai': keyof GpuAi;
  /** Of Massed Compute. */
  readonly 'massed-compute': keyof MassedCompute | (typeof massedComputeAdditions)[number]['id'];
  /** Of TensorDock. */
  readonly tensordock: keyof TensorDock;
  /** Of Verda. */
  readonly verda: keyof Verda | (typeof verdaAdditions)[number]['id'];
}
