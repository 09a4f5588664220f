import { type FaultRule, faultKinds, instanceFaults } from './faults.ts';
import type { OperationIds } from './operation-ids.ts';
import { isRecord, type JsonRecord } from './record.ts';
import { isVendor, type Vendor, vendors } from './vendor.ts';

/** An invalid fault rule, or one whose `instance` does not exist. The message names the property to change. */
export class FaultRuleError extends Error {
  override readonly name = 'FaultRuleError';
}

const properties = ['kind', 'vendor', 'operation', 'probability', 'count', 'after', 'seconds', 'factor', 'instance'];

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
    throw new FaultRuleError(
      `${where} must be an object, for example {"kind": "http-500", "vendor": "${vendors[0]}"}.`,
    );
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
  const vendor = vendorIn(item, where);
  const seconds = numberIn(item, 'seconds', where);
  const factor = numberIn(item, 'factor', where);
  if (item.instance !== undefined) {
    const instanceKind = instanceFaults.find((known) => known === kind);
    const ofCalls = ['operation', 'probability', 'count', 'after'].some((name) => item[name] !== undefined);
    if (instanceKind !== undefined && typeof item.instance === 'string' && !ofCalls)
      return { kind: instanceKind, vendor, instance: item.instance, seconds, factor };
    throw new FaultRuleError(
      `${where} can set "instance" (an id or instance name) only for ${instanceFaults.join(', ')}, and only with "vendor", "seconds", and "factor".`,
    );
  }
  if (['reprice', 'rename', 'reboot'].includes(kind) || factor !== undefined) {
    throw new FaultRuleError(`${where} needs an "instance": ${kind} strikes an existing one.`);
  }
  return {
    kind,
    vendor,
    operation: operationIn(item, where, vendor, operations),
    probability: numberIn(item, 'probability', where, 1),
    count: numberIn(item, 'count', where),
    after: numberIn(item, 'after', where),
    seconds,
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
): OperationIds[Vendor] | undefined {
  const { operation } = item;
  const known = (vendor === undefined ? vendors : [vendor]).flatMap(operations);
  if (operation === undefined || isOperation(operation, known)) return operation;
  const whose = vendor === undefined ? 'any vendor' : vendor;
  throw new FaultRuleError(
    `${where} has an unknown "operation" ${JSON.stringify(operation)}. Use an operationId of ${whose}.`,
  );
}

function isOperation(name: unknown, known: readonly string[]): name is OperationIds[Vendor] {
  return known.some((id) => id === name);
}

function numberIn(item: JsonRecord, name: string, where: string, max = Number.POSITIVE_INFINITY): number | undefined {
  const value = item[name];
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= max)) return value;
  const range = max === Number.POSITIVE_INFINITY ? 'that is at least 0' : `from 0 to ${max}`;
  throw new FaultRuleError(`${where} needs a "${name}" ${range}, not ${JSON.stringify(value)}.`);
}
