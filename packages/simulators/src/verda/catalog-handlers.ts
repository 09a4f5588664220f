import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { booleanOf, recordOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import { typeNamed } from './account.ts';
import { type InstanceType, locations } from './catalog.ts';
import { gpuView, sizeView } from './instance-handlers.ts';
import { inCurrency } from './volume-handlers.ts';

/** Creates the handlers for locations, types, availability, and serverless resources. */
export function catalogHandlers(stock: Stock<InstanceType>): Handlers<OperationIds['verda']> {
  const types = ({ query }: Call) => ok(stock.rows.map((type) => typeView(type, query.get('currency'))));
  const available = (call: Call) => ok(isAvailable(stock, call));
  return {
    listLocations: () => ok(locations),
    listInstanceTypes: types,
    listInstanceTypesLegacy: types,
    getInstanceType: ({ id, query }) => ok(typeView(typeNamed(stock, id), query.get('currency'))),
    getInstanceTypePriceHistory: () => ok({}),
    listInstanceAvailability: (call) => ok(availabilities(stock, call)),
    getInstanceAvailability: available,
    getInstanceAvailabilityLegacy: available,
    listContainerTypes: ({ query }) => ok(containerTypes(stock, query.get('currency'))),
    listServerlessComputeResources: () => ok(computeResources(stock)),
    listLongTermPeriodsLegacy: () => ok(periods),
    listInstanceLongTermPeriods: () => ok(periods),
    listClusterLongTermPeriods: () => ok(periods),
  };
}

/** Reads the availability parameters in both spellings, because the vendor's SDKs use both. */
function availabilityQuery({ query }: Call): { location: string | null; spot: boolean } {
  const spot = booleanOf(recordOf(Object.fromEntries(query)), query.has('is_spot') ? 'is_spot' : 'isSpot');
  return { location: query.get('location_code') ?? query.get('locationCode'), spot };
}

function availabilities(stock: Stock<InstanceType>, call: Call) {
  const { location, spot } = availabilityQuery(call);
  return locations
    .filter(({ code }) => location === null || code === location)
    .map(({ code }) => ({
      location_code: code,
      availabilities: stock.rows.filter((type) => isFree(stock, type, code, spot)).map((type) => type.name),
    }));
}

function isAvailable(stock: Stock<InstanceType>, call: Call): boolean {
  const { location, spot } = availabilityQuery(call);
  const type = typeNamed(stock, call.id);
  return locations.some(({ code }) => (location === null || code === location) && isFree(stock, type, code, spot));
}

/** Returns whether a type is available. Types with 8 or more GPUs are not sold as spot. */
function isFree(stock: Stock<InstanceType>, type: InstanceType, location: string, spot: boolean): boolean {
  return stock.free(type, location) > 0 && !(spot && type.gpu.count >= 8);
}

function typeView(type: InstanceType, currency: string | null) {
  const { gpu } = type;
  return {
    best_for: gpu.count === 0 ? ['Light workloads'] : ['ML training', 'Inference'],
    cpu: { description: `${type.cores} CPU`, number_of_cores: type.cores },
    description: gpu.count === 0 ? 'CPU Instance' : 'Dedicated Hardware Instance',
    gpu: gpuView(gpu.count, gpu.name),
    // Memory of all GPUs.
    gpu_memory: sizeView('GPU RAM', gpu.count * gpu.memory),
    id: type.id,
    instance_type: type.name,
    memory: sizeView('RAM', type.memory),
    model: type.model,
    name: gpu.name,
    p2p: gpu.count > 1 ? '600 GB/s' : '',
    price_per_hour: inCurrency(type.pricePerHour, currency),
    spot_price: inCurrency(type.spotPrice, currency),
    max_dynamic_price: inCurrency(type.pricePerHour * 2, currency),
    serverless_price: inCurrency(type.pricePerHour * 1.1, currency),
    serverless_spot_price: inCurrency(type.spotPrice * 1.1, currency),
    storage: { description: 'dynamic' },
    currency: currency === 'eur' ? 'eur' : 'usd',
    manufacturer: gpu.count === 0 ? 'AMD' : 'NVIDIA',
    display_name: gpu.count === 0 ? 'CPU' : `NVIDIA ${gpu.name}`,
    supported_os: type.images,
  };
}

function containerTypes(stock: Stock<InstanceType>, currency: string | null) {
  return stock.rows
    .filter((type) => type.gpu.count > 0)
    .map((type) => ({
      id: type.id,
      model: type.model,
      name: type.gpu.name,
      instance_type: type.name,
      cpu: { description: `${type.cores} CPU`, number_of_cores: type.cores },
      gpu: gpuView(type.gpu.count, type.gpu.name),
      gpu_memory: sizeView('GPU RAM', type.gpu.count * type.gpu.memory),
      memory: sizeView('RAM', type.memory),
      serverless_price: inCurrency(type.pricePerHour * 1.1, currency),
      serverless_spot_price: inCurrency(type.spotPrice * 1.1, currency),
      currency: currency === 'eur' ? 'eur' : 'usd',
      manufacturer: 'NVIDIA',
    }));
}

/** Returns one row per model and GPU count. It is available when any instance type of that model and count is. */
function computeResources(stock: Stock<InstanceType>) {
  const types = stock.rows.filter((type) => type.gpu.count > 0);
  return types.flatMap((type, index) => {
    const alike = types.filter(({ model, gpu }) => model === type.model && gpu.count === type.gpu.count);
    if (alike[0] !== types[index]) return [];
    const is_available = alike.some((each) => locations.some(({ code }) => stock.free(each, code) > 0));
    return [{ name: type.model, size: type.gpu.count, is_available }];
  });
}

const periods = [
  { code: '1_MONTH', name: '1 month', is_enabled: true, unit_name: 'month', unit_value: 1, discount_percentage: 5 },
  { code: '3_MONTHS', name: '3 months', is_enabled: true, unit_name: 'month', unit_value: 3, discount_percentage: 14 },
];
