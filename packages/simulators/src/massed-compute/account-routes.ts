import { textOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import { images } from './catalog.ts';
import { errorResponse } from './errors.ts';
import { regionView } from './instances.ts';
import type { Stock } from './stock.ts';

const coupons = [{ code: 'TestCoupon', discountPercent: '0.1', deactivationDate: '2030-01-01T00:00:00.000Z' }];

/** Creates the routes for inventory, images, token validation, billing, and coupons. */
export function accountRoutes(stock: Stock): Route[] {
  return [
    {
      method: 'GET',
      path: '/gpu-inventory',
      handle: () => ({ status: 200, json: { gpu_inventory: inventory(stock) } }),
    },
    { method: 'GET', path: '/images', handle: () => ({ status: 200, json: { images } }) },
    {
      method: 'POST',
      path: '/account/token/validation',
      handle: () => ({ status: 200, json: { message: 'Valid Token' } }),
    },
    { method: 'GET', path: '/account/billing', handle: () => ({ status: 200, json: billing }) },
    {
      method: 'POST',
      path: '/coupon/information',
      handle: (call) => ({ status: 200, json: { coupon: coupon(call) } }),
    },
    {
      method: 'POST',
      path: '/coupon/accepted-products',
      handle: (call) => ({
        status: 200,
        json: { couponValidation: { coupon: coupon(call), productDetails: accepted(stock) } },
      }),
    },
  ];
}

const billing = {
  billingMethod: 'creditcard',
  rechargeThresholdCents: 1000,
  rechargeThreshold: '10',
  rechargeAmountCents: 2000,
  rechargeAmount: '20',
};

function inventory(stock: Stock) {
  return Object.fromEntries(
    stock.products.map((product) => [
      product.name,
      {
        instance_type: {
          name: product.name,
          description: product.description,
          price_cents_per_hour: product.cents,
          specs: { vcpu_count: product.vcpus, memory_gib: product.memory, storage_gb: product.storage },
        },
        regions_with_capacity_available: stock.regionsWithCapacity(product).map(regionView),
        ...(product.hidesCapacity === true ? {} : { capacity_available: stock.capacity(product) }),
      },
    ]),
  );
}

function coupon({ body }: Call) {
  const found = coupons.find(({ code }) => code === textOf(body, 'coupon'));
  if (found === undefined) throw errorResponse(404, 'Coupon not found');
  return found;
}

function accepted(stock: Stock) {
  return stock.products
    .filter(({ name }) => name.includes('a6000'))
    .map((product) => ({
      name: product.name,
      description: product.description,
      pricePerHour: (product.cents / 100).toFixed(6),
      inventoryAvailable: stock.capacity(product) > 0,
    }));
}
