import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Temporal does not export its own name of this type. */
type Key<T extends SearchAttributeType> = ReturnType<typeof defineSearchAttributeKey<T>>;

/** Search attributes of runs and instances. Register them with {@link registerSearchAttributes} first. Temporal stores them unencrypted. */
export const searchAttributes: {
  /** The run's {@link JobPhase}. */
  readonly phase: Key<'KEYWORD'>;
  /** The vendor of the run's latest instance. */
  readonly vendor: Key<'KEYWORD'>;
  /** The run's {@link JobOutcome}, once it has ended. */
  readonly outcome: Key<'KEYWORD'>;
  /** Id of the batch, on the batch itself and on the runs of its items. */
  readonly batch: Key<'KEYWORD'>;
  /** Number of instances that the job uses at the same time. */
  readonly nodes: Key<'INT'>;
  /** True on the owner of an instance whose teardown has taken longer than ten minutes. */
  readonly teardownStuck: Key<'BOOL'>;
  /** True on the owner of an instance while all instances of its account have vanished from the vendor's lists at once. */
  readonly accountSuspect: Key<'BOOL'>;
} = {
  phase: defineSearchAttributeKey('GpuCloudsPhase', SearchAttributeType.KEYWORD),
  vendor: defineSearchAttributeKey('GpuCloudsVendor', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('GpuCloudsOutcome', SearchAttributeType.KEYWORD),
  batch: defineSearchAttributeKey('GpuCloudsBatch', SearchAttributeType.KEYWORD),
  nodes: defineSearchAttributeKey('GpuCloudsNodes', SearchAttributeType.INT),
  teardownStuck: defineSearchAttributeKey('GpuCloudsTeardownStuck', SearchAttributeType.BOOL),
  accountSuspect: defineSearchAttributeKey('GpuCloudsAccountSuspect', SearchAttributeType.BOOL),
};
