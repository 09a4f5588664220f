import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** By what runs and machines can be searched for in Temporal, once {@link registerSearchAttributes} has prepared the namespace. Stored in clear. */
export const searchAttributes = {
  /** A {@link JobPhase}. */
  phase: defineSearchAttributeKey('GpuCloudsPhase', SearchAttributeType.KEYWORD),
  /** The cloud of the run's latest machine. */
  vendor: defineSearchAttributeKey('GpuCloudsVendor', SearchAttributeType.KEYWORD),
  /** A {@link JobOutcome}, once the run has ended. */
  outcome: defineSearchAttributeKey('GpuCloudsOutcome', SearchAttributeType.KEYWORD),
  /** Id of the batch that the run is an item of, or of the batch itself. */
  batch: defineSearchAttributeKey('GpuCloudsBatch', SearchAttributeType.KEYWORD),
  /** Machines that the run wants at a time. */
  nodes: defineSearchAttributeKey('GpuCloudsNodes', SearchAttributeType.INT),
  /** True of the owner of a machine that has been destroyed for more than ten minutes and is still there. */
  teardownStuck: defineSearchAttributeKey('GpuCloudsTeardownStuck', SearchAttributeType.BOOL),
} as const;
