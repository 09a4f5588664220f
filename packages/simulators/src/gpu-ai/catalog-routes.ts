import { documentOf } from '../documents.ts';
import type { Route } from '../vendor-app.ts';
import { page } from './pages.ts';
import { priceOf, type Stock, type Tier } from './stock.ts';

const tiers: readonly Tier[] = ['on_demand', 'spot'];

/** Creates the public routes: GPU types, pricing, health, and the document itself. */
export function catalogRoutes(stock: Stock): Route[] {
  return [
    {
      method: 'GET',
      path: '/gpu-types',
      public: true,
      handle: ({ query }) =>
        page(
          stock.types.map(({ name, architecture, gpu }) => ({ gpu_type: name, vram_gb: gpu.memory, architecture })),
          query,
        ),
    },
    { method: 'GET', path: '/pricing', public: true, handle: ({ query }) => page(pricing(stock), query) },
    { method: 'GET', path: '/health', public: true, handle: () => ({ status: 200, json: { status: 'ok' } }) },
    {
      method: 'GET',
      path: '/openapi.json',
      public: true,
      handle: () => ({ status: 200, json: documentOf('gpu-ai').json }),
    },
  ];
}

/**
 * Returns one row per type, region, and tier, priced for one GPU.
 * The fields from `gpu_count` on are from the vendor's later document.
 */
function pricing(stock: Stock) {
  return stock.types.flatMap((type) =>
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
            storage_gb: 100,
            instant_boot: type.instantBoot,
            community: false,
          },
        ];
      }),
    ),
  );
}
