import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Temporal's own name of this type is not among its exports. */
type Key<T extends SearchAttributeType> = ReturnType<typeof defineSearchAttributeKey<T>>;

/** By what runs and instances can be searched for in Temporal, once {@link registerSearchAttributes} has prepared the namespace. Stored in clear. */
export const searchAttributes: {
  /** A {@link JobPhase}. */
  readonly phase: Key<'KEYWORD'>;
  /** The cloud of the run's latest instance. */
  readonly vendor: Key<'KEYWORD'>;
  /** A {@link JobOutcome}, once the run has ended. */
  readonly outcome: Key<'KEYWORD'>;
  /** Id of the batch that the run is an item of, or of the batch itself. */
  readonly batch: Key<'KEYWORD'>;
  /** Instances that the run wants at a time. */
  readonly nodes: Key<'INT'>;
  /** True of the owner of an instance that has been destroyed for more than ten minutes and is still there. */
  readonly teardownStuck: Key<'BOOL'>;
} = {
  phase: defineSearchAttributeKey('GpuCloudsPhase', SearchAttributeType.KEYWORD),
  vendor: defineSearchAttributeKey('GpuCloudsVendor', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('GpuCloudsOutcome', SearchAttributeType.KEYWORD),
  batch: defineSearchAttributeKey('GpuCloudsBatch', SearchAttributeType.KEYWORD),
  nodes: defineSearchAttributeKey('GpuCloudsNodes', SearchAttributeType.INT),
  teardownStuck: defineSearchAttributeKey('GpuCloudsTeardownStuck', SearchAttributeType.BOOL),
};
