import { isRecord, recordOf, textsOf } from './record.ts';
import type { Vendor } from './vendor.ts';

/** Where a vendor's patched document is stricter than what the vendor's clients send or read. */
interface Relaxation {
  /** Properties that no schema requires. */
  readonly optional?: readonly string[];
  /** Properties that can be null. */
  readonly nullable?: readonly string[];
  /** Operations that answer one item where the document says a list. */
  readonly single?: readonly string[];
}

const relaxations: Partial<Record<Vendor, Relaxation>> = {
  tensordock: {
    // skyward sends `server_id` instead, as do others when they modify a virtual machine.
    optional: ['server'],
    nullable: ['dedicated_ip_address'],
  },
  verda: {
    // verda-cloud/sdk-python@164e09a reads one object.
    single: ['updateContainerDeploymentEnvironmentVariables'],
  },
};

/** Returns a vendor's document without what its own clients contradict. */
export function relaxed(vendor: Vendor, document: unknown): unknown {
  const rules = relaxations[vendor];
  return rules === undefined ? document : relaxedBy(rules, document);
}

/** Returns whether an operation answers one item where the document says a list. */
export function answersOne(vendor: Vendor, operation: string): boolean {
  return relaxations[vendor]?.single?.includes(operation) ?? false;
}

function relaxedBy(rules: Relaxation, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => relaxedBy(rules, item));
  if (!isRecord(value)) return value;
  const { optional = [], nullable = [] } = rules;
  const inner = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, relaxedBy(rules, child)]));
  if (!isRecord(value.properties)) return inner;
  const properties = Object.entries(recordOf(inner.properties)).map(([name, schema]) => [
    name,
    nullable.includes(name) ? { anyOf: [schema, { type: 'null' }] } : schema,
  ]);
  return {
    ...inner,
    properties: Object.fromEntries(properties),
    required: textsOf(value, 'required').filter((name) => !optional.includes(name)),
  };
}
