import { ok } from '../answer.ts';
import { documentOf } from '../documents.ts';
import type { OperationIds } from '../operation-ids.ts';
import type { Stock } from '../stock.ts';
import { type Call, type Handlers, originOf } from '../vendor-app.ts';
import { type GpuType, priceOf, type Tier } from './catalog.ts';
import { diskPricing } from './disk.ts';
import { page } from './pages.ts';

const tiers: readonly Tier[] = ['on_demand', 'spot'];

/** Creates the public handlers: GPU types, pricing, health, and the document itself. */
export function catalogHandlers(stock: Stock<GpuType>): Handlers<OperationIds['gpu-ai']> {
  return {
    listGpuTypes: ({ query }) =>
      page(
        stock.rows.map(({ name, architecture, gpu }) => ({ gpu_type: name, vram_gb: gpu.memory, architecture })),
        query,
      ),
    listPricing: (call) => page(pricing(stock, call), call.query),
    getHealth: () => ok({ status: 'ok' }),
    getOpenApiSpec: (call) => ok({ ...documentOf('gpu-ai').json, servers: [{ url: originOf(call) }] }),
  };
}

/**
 * Returns one row per type, region, and tier, priced for one GPU. The fields from `gpu_count` on and the filters are from
 * the vendor's SDKs: gpuai-sdk 0.3.18.
 */
function pricing(stock: Stock<GpuType>, { query }: Call) {
  const rows = stock.rows.flatMap((type) =>
    Object.keys(type.stock).flatMap((region) =>
      tiers.flatMap((tier) => {
        const price = priceOf(type, tier);
        if (price === undefined) return [];
        return [
          {
            gpu_type: type.name,
            region,
            tier,
            price_per_hour: price,
            available: stock.free(type, region),
            gpu_count: 1,
            cpu_cores: type.cores,
            ram_gb: type.memory,
            ...diskPricing(type),
            instant_boot: type.instantBoot,
            community: false,
          },
        ];
      }),
    ),
  );
  const wanted = (name: 'gpu_type' | 'region' | 'tier') => query.get(name);
  return rows.filter(
    (row) =>
      (['gpu_type', 'region', 'tier'] as const).every((name) => wanted(name) === null || wanted(name) === row[name]) &&
      (row.available > 0 || query.get('include_unavailable') === 'true'),
  );
}
