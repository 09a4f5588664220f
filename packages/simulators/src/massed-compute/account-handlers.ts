import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { textOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { centsOf, images, type Product, regionView } from './catalog.ts';
import { errorResponse } from './errors.ts';

const coupons = [{ code: 'TestCoupon', discountPercent: '0.1', deactivationDate: '2030-01-01T00:00:00.000Z' }];

/** Creates the handlers for inventory, images, token validation, billing, and coupons. */
export function accountHandlers(stock: Stock<Product>): Handlers<OperationIds['massed-compute']> {
  return {
    listGpuInventory: () => ok({ gpu_inventory: inventory(stock) }),
    listImages: () => ok({ images }),
    validateToken: () => ok({ message: 'Valid Token' }),
    getBilling: () => ok(billing),
    getCoupon: (call) => ok({ coupon: coupon(call) }),
    listCouponProducts: (call) =>
      ok({ couponValidation: { coupon: coupon(call), productDetails: acceptedProducts(stock) } }),
  };
}

const billing = {
  billingMethod: 'creditcard',
  rechargeThresholdCents: 1000,
  rechargeThreshold: '10',
  rechargeAmountCents: 2000,
  rechargeAmount: '20',
};

function inventory(stock: Stock<Product>) {
  return Object.fromEntries(
    stock.rows.map((product) => [
      product.name,
      {
        instance_type: {
          name: product.name,
          description: product.description,
          price_cents_per_hour: centsOf(product),
          specs: { vcpu_count: product.vcpus, memory_gib: product.memory, storage_gb: product.storage },
        },
        regions_with_capacity_available: Object.keys(product.stock)
          .filter((region) => stock.free(product, region) > 0)
          .map(regionView),
        capacity_available: product.hidesCapacity ? undefined : stock.free(product),
      },
    ]),
  );
}

function coupon({ body }: Call) {
  const found = coupons.find(({ code }) => code === textOf(body, 'coupon'));
  if (found === undefined) throw errorResponse(404, 'Coupon not found');
  return found;
}

function acceptedProducts(stock: Stock<Product>) {
  return stock.rows
    .filter(({ name }) => name.includes('a6000'))
    .map((product) => ({
      name: product.name,
      description: product.description,
      pricePerHour: product.pricePerHour.toFixed(6),
      inventoryAvailable: stock.free(product) > 0,
    }));
}
