import { type LeaseShare, type LeaseUse, type LeaseUser, leaseSignalNames } from '@gpu-clouds/jobs/contract';
import { defineSignal } from '@temporalio/workflow';

/** From a run to a lease: it wants GPUs. The answers come as {@link leaseShareSignal}. */
export const useLeaseSignal = defineSignal<[LeaseUse]>(leaseSignalNames.use);
/** From a run to a lease: it has ended. Ignored for an execution that does not use the lease. */
export const leaveLeaseSignal = defineSignal<[LeaseUser]>(leaseSignalNames.leave);
/** From a lease to a run: what it may use now. */
export const leaseShareSignal = defineSignal<[LeaseShare]>(leaseSignalNames.share);
