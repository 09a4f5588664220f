import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { searchAttributes } from '../search-attributes.ts';

/**
 * Prepares a namespace for `searchable` jobs: adds the search attributes `GpuCloudsPhase`, `GpuCloudsVendor`, `GpuCloudsOutcome` and
 * `GpuCloudsBatch`. Safe to call again. A cluster takes a few seconds to know them everywhere; Temporal Cloud wants them added in its own
 * console instead.
 */
export async function registerSearchAttributes(connection: Connection, namespace = 'default'): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name }) => [name, keyword])),
  });
}
