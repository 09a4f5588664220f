import type { GeneratedFile } from './generated-files.ts';
import { propertyName, sourceLiteral } from './source-literal.ts';
import type { VendorRules } from './vendor-rules.ts';

/** Returns the modules from which the adapters and the simulators of all vendors are reached. */
export function vendorLists(vendors: readonly VendorRules[]): GeneratedFile[] {
  return [
    file('packages/clouds', 'vendors.ts', [
      ...namesOf(vendors),
      '',
      "/** Environment variables that each vendor's client requires. */",
      'export const credentialVariables: Readonly<Record<Vendor, readonly string[]>> = {',
      ...vendors.map(({ vendor, credentials }) => `  ${propertyName(vendor)}: ${sourceLiteral(credentials)},`),
      '};',
      '',
      '/** Activities per second that all workers together start by default. */',
      'export const activitiesPerSecond: Readonly<Record<Vendor, number>> = {',
      ...vendors.map(({ vendor, activitiesPerSecond = 1 }) => `  ${propertyName(vendor)}: ${activitiesPerSecond},`),
      '};',
      '',
      '/** The vendors that run job deployments. */',
      `export const jobDeploymentVendors = ${sourceLiteral(vendors.filter(({ jobDeployments }) => jobDeployments).map(({ vendor }) => vendor))} as const;`,
    ]),
    file('packages/clouds', 'adapters.ts', [
      "import type { Adapter } from '../adapter.ts';",
      ...vendors.map((rules) => `import { adapter as ${variableOf(rules)} } from '../${rules.vendor}/adapter.ts';`),
      "import type { Vendor } from './vendors.ts';",
      '',
      'export const adapters: Readonly<Record<Vendor, Adapter>> = {',
      ...vendors.map((rules) => `  ${propertyName(rules.vendor)}: ${variableOf(rules)},`),
      '};',
    ]),
    file('packages/simulators', 'vendors.ts', [
      ...namesOf(vendors),
      '',
      '/** Returns a record with a value for each vendor. */',
      'export const byVendor = <Value>(valueOf: (vendor: Vendor) => Value): Record<Vendor, Value> => ({',
      ...vendors.map(({ vendor }) => `  ${propertyName(vendor)}: valueOf(${JSON.stringify(vendor)}),`),
      '});',
    ]),
    file('packages/simulators', 'operation-ids.ts', [
      ...vendors.flatMap((rules) => [
        `import type { ${rules.client}Methods } from '@gpu-clouds/${rules.vendor}';`,
        `import { additions as ${variableOf(rules)} } from '../${rules.vendor}/additions.ts';`,
      ]),
      "import type { Addition } from '../addition.ts';",
      "import type { Vendor } from './vendors.ts';",
      '',
      '/** The operationIds of each vendor, without webhooks, which the vendor calls. */',
      'export interface OperationIds {',
      ...vendors.map(
        (rules) =>
          `  readonly ${propertyName(rules.vendor)}: keyof ${rules.client}Methods | (typeof ${variableOf(rules)})[number]['id'];`,
      ),
      '}',
      '',
      '/** What each simulator serves beside the document. */',
      'export const additions: Readonly<Record<Vendor, readonly Addition[]>> = {',
      ...vendors.map((rules) => `  ${propertyName(rules.vendor)}: ${variableOf(rules)},`),
      '};',
    ]),
    file('packages/simulators', 'evidence.ts', [
      ...vendors.map((rules) => `import { evidence as ${variableOf(rules)} } from '../${rules.vendor}/evidence.ts';`),
      "import type { Evidence } from '../evidence.ts';",
      "import type { OperationIds } from './operation-ids.ts';",
      "import type { Vendor } from './vendors.ts';",
      '',
      '/** How each operation of each simulator is known. */',
      'export const evidence: { readonly [V in Vendor]: Partial<Evidence<OperationIds[V]>> } = {',
      ...vendors.map((rules) => `  ${propertyName(rules.vendor)}: ${variableOf(rules)},`),
      '};',
    ]),
    file('packages/simulators', 'client-options.ts', [
      "import type { Vendor } from './vendors.ts';",
      '',
      '/** Sends a request to a simulator. */',
      'type Send = (request: Request) => Promise<Response>;',
      '',
      "/** Options of each vendor's client, with which it sends its requests to the simulator. */",
      'export interface ClientOptions {',
      ...vendors.map(
        (rules) =>
          `  readonly ${propertyName(rules.vendor)}: { ${credentialOptions(rules)
            .map(({ option }) => `readonly ${option}: string; `)
            .join('')}readonly fetch: Send };`,
      ),
      '}',
      '',
      'interface Served {',
      '  readonly env: Record<string, string>;',
      '  fetch(request: Request): Promise<Response>;',
      '}',
      '',
      "/** Adds to each simulator the options for the vendor's client. */",
      'export function withClientOptions<S extends Served>(',
      '  simulators: Record<Vendor, S>,',
      '): { readonly [V in Vendor]: S & { readonly options: ClientOptions[V] } } {',
      '  const send = (simulator: S): Send => (request) => simulator.fetch(request);',
      ...vendors.map((rules) => `  const ${variableOf(rules)} = simulators[${JSON.stringify(rules.vendor)}];`),
      '  return {',
      ...vendors.map((rules) => {
        const name = variableOf(rules);
        const credentials = credentialOptions(rules).map(
          ({ option, variable }) => `${option}: ${name}.env.${variable} ?? "", `,
        );
        return `    ${propertyName(rules.vendor)}: Object.assign(${name}, { options: { ${credentials.join('')}fetch: send(${name}) } }),`;
      }),
      '  };',
      '}',
    ]),
    file('packages/simulators', 'writes.ts', [
      ...vendors.map((rules) => `import { writes as ${variableOf(rules)} } from '../${rules.vendor}/writes.ts';`),
      "import type { OperationIds } from './operation-ids.ts';",
      "import type { Vendor } from './vendors.ts';",
      '',
      '/** Operations of each vendor that create or delete resources. The first one creates an instance. */',
      'export const writes: { readonly [V in Vendor]: readonly OperationIds[V][] } = {',
      ...vendors.map((rules) => `  ${propertyName(rules.vendor)}: ${variableOf(rules)},`),
      '};',
    ]),
    file('packages/simulators', 'simulators.ts', [
      ...vendors.map(({ vendor, client }) => `import { create${client}Simulator } from '../${vendor}/app.ts';`),
      "import type { CreateVendor } from '../vendor-parts.ts';",
      "import type { Vendor } from './vendors.ts';",
      '',
      'export const createVendors: Readonly<Record<Vendor, CreateVendor>> = {',
      ...vendors.map(({ vendor, client }) => `  ${propertyName(vendor)}: create${client}Simulator,`),
      '};',
    ]),
  ];
}

function namesOf(vendors: readonly VendorRules[]): string[] {
  return [
    '/** The clouds, by their package names. */',
    `export const vendors = ${sourceLiteral(vendors.map(({ vendor }) => vendor))} as const;`,
    '/** A cloud, by its package name. */',
    'export type Vendor = (typeof vendors)[number];',
  ];
}

/** Credentials as options of the client: `clientId` for `VERDA_CLIENT_ID`. */
function credentialOptions({ vendor, credentials }: VendorRules) {
  const prefix = `${vendor.toUpperCase().replaceAll('-', '_')}_`;
  return credentials.map((variable) => {
    const words = variable.replace(prefix, '').toLowerCase();
    return { variable, option: words.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) };
  });
}

const variableOf = ({ client }: VendorRules) => client.charAt(0).toLowerCase() + client.slice(1);

function file(folder: string, name: string, lines: readonly string[]): GeneratedFile {
  const header = '// Generated by `pnpm generate` from scripts/generate/vendors.ts. Do not edit.';
  return { path: `${folder}/src/generated/${name}`, text: `${[header, '', ...lines].join('\n')}\n` };
}
