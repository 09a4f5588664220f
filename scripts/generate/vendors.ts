import { rules as gpuAi } from '../../specs/gpu-ai/rules.ts';
import { rules as massedCompute } from '../../specs/massed-compute/rules.ts';
import { rules as tensordock } from '../../specs/tensordock/rules.ts';
import { rules as verda } from '../../specs/verda/rules.ts';
import type { VendorRules } from './vendor-rules.ts';

/** All vendors, in the order of generation. The only list of them that is written by hand. */
export const vendors: readonly VendorRules[] = [gpuAi, massedCompute, tensordock, verda];
