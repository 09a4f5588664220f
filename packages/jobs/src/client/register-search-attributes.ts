import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { searchAttributes } from '../search-attributes.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const indexedTypes = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const;

/**
 * Returns whether a namespace has all search attributes of gpu-clouds, with the right types. Start `searchable` jobs, batches, and leases
 * only if it has: a run that sets a missing attribute makes no progress until the attribute is added.
 */
export async function searchAttributesRegistered(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace = 'default',
): Promise<boolean> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).every(({ name, type }) => customAttributes[name] === indexedTypes[type]);
}

/**
 * Adds the search attributes `GpuCloudsPhase`, `GpuCloudsVendor`, `GpuCloudsNodes`, `GpuCloudsOutcome`, `GpuCloudsBatch`,
 * `GpuCloudsTeardownStuck`, and `GpuCloudsAccountSuspect` to a namespace, for `searchable` jobs, batches, and leases. Safe to call again.
 * A cluster takes a few seconds to apply them everywhere. On Temporal Cloud, add them in its console instead.
 */
export async function registerSearchAttributes(connection: Connection, namespace = 'default'): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexedTypes[type]])),
  });
}
