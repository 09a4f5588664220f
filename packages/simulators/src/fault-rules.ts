import { type FaultRule, faultKinds, instanceFaults } from './faults.ts';
import { isRecord, type JsonRecord } from './record.ts';
import { isVendor, type Vendor, vendors } from './vendor.ts';

/** An invalid fault rule, or one whose `instance` does not exist. The message names the property to change. */
export class FaultRuleError extends Error {
  override readonly name = 'FaultRuleError';
}

const properties = ['kind', 'vendor', 'operation', 'probability', 'count', 'after', 'seconds', 'instance'];

/**
 * Returns the fault rules in parsed JSON: one rule or a list of them.
 * @param operations returns the operationIds of a vendor
 * @throws FaultRuleError that names the property and its allowed values
 */
export function readFaultRules(json: unknown, operations: (vendor: Vendor) => readonly string[]): FaultRule[] {
  const items = Array.isArray(json) ? json : [json];
  return items.map((item, index) => readRule(item, `fault rule ${index + 1}`, operations));
}

function readRule(item: unknown, where: string, operations: (vendor: Vendor) => readonly string[]): FaultRule {
  if (!isRecord(item))
    throw new FaultRuleError(`${where} must be an object, for example {"kind": "http-500", "vendor": "verda"}.`);
  const unknownProperty = Object.keys(item).find((name) => !properties.includes(name));
  if (unknownProperty !== undefined) {
    throw new FaultRuleError(
      `${where} has an unknown property "${unknownProperty}". Known properties: ${properties.join(', ')}.`,
    );
  }
  const kind = faultKinds.find((known) => known === item.kind);
  if (kind === undefined) {
    throw new FaultRuleError(
      `${where} needs a "kind" that is one of ${faultKinds.join(', ')}, not ${JSON.stringify(item.kind)}.`,
    );
  }
  if (item.instance !== undefined && (typeof item.instance !== 'string' || !instanceFaults.includes(kind))) {
    throw new FaultRuleError(
      `${where} can set "instance" (an id or instance name) only for ${instanceFaults.join(', ')}.`,
    );
  }
  const vendor = vendorIn(item, where);
  const operation = operationIn(item, where, vendor, operations);
  return {
    kind,
    ...(vendor === undefined ? {} : { vendor }),
    ...(operation === undefined ? {} : { operation }),
    ...numberIn(item, 'probability', where, 1),
    ...numberIn(item, 'count', where),
    ...numberIn(item, 'after', where),
    ...numberIn(item, 'seconds', where),
    ...(typeof item.instance === 'string' ? { instance: item.instance } : {}),
  };
}

function vendorIn(item: JsonRecord, where: string): Vendor | undefined {
  if (item.vendor === undefined || isVendor(item.vendor)) return item.vendor;
  throw new FaultRuleError(
    `${where} has an unknown "vendor" ${JSON.stringify(item.vendor)}. Known vendors: ${vendors.join(', ')}.`,
  );
}

function operationIn(
  item: JsonRecord,
  where: string,
  vendor: Vendor | undefined,
  operations: (vendor: Vendor) => readonly string[],
): string | undefined {
  if (item.operation === undefined) return undefined;
  const known = (vendor === undefined ? vendors : [vendor]).flatMap(operations);
  const operation = known.find((name) => name === item.operation);
  if (operation !== undefined) return operation;
  const whose = vendor === undefined ? 'any vendor' : vendor;
  throw new FaultRuleError(
    `${where} has an unknown "operation" ${JSON.stringify(item.operation)}. Use an operationId of ${whose}.`,
  );
}

function numberIn(
  item: JsonRecord,
  name: string,
  where: string,
  max = Number.POSITIVE_INFINITY,
): Record<string, number> {
  const value = item[name];
  if (value === undefined) return {};
  if (typeof value === 'number' && value >= 0 && value <= max) return { [name]: value };
  const range = max === Number.POSITIVE_INFINITY ? 'that is at least 0' : `from 0 to ${max}`;
  throw new FaultRuleError(`${where} needs a "${name}" ${range}, not ${JSON.stringify(value)}.`);
}
