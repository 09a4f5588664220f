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
 * Whether `searchable` jobs, batches and leases can be started in a namespace: it has all of our search attributes, of the right kinds. One that
 * lacks some must not be used so: a run that meets the gap on its way stands still until it is closed.
 */
export async function searchAttributesRegistered(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace = 'default',
): Promise<boolean> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).every(({ name, type }) => customAttributes[name] === indexedTypes[type]);
}

/**
 * Prepares a namespace for `searchable` jobs and leases: adds the search attributes `GpuCloudsPhase`, `GpuCloudsVendor`, `GpuCloudsNodes`,
 * `GpuCloudsOutcome`, `GpuCloudsBatch` and `GpuCloudsTeardownStuck`. Safe to call again. A cluster takes a few seconds to know them
 * everywhere; Temporal Cloud wants them added in its own console instead.
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
