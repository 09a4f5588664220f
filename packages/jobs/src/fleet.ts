import { createHash } from 'node:crypto';
import type { TemporalReader } from './reader/temporal-reader.ts';

/** A client or worker connection and the namespace that it uses. */
export interface NamespaceAccess {
  /** The service of the connection. */
  readonly workflowService: TemporalReader['workflowService'];
  /** Name of the namespace. */
  readonly namespace: string;
}

/** The default fleet cannot be determined. The message says why. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
}

const fleets = new WeakMap<object, Map<string, Promise<string>>>();

/**
 * Returns the default name of a fleet, which is derived from the ID of its Temporal namespace: `n` and 11 letters and digits. So two Temporal
 * servers that use the same accounts have different fleets without any setting. Asks Temporal once per connection.
 * @throws {FleetError} Temporal does not tell the ID of the namespace.
 */
export async function namespaceFleet({ workflowService, namespace }: NamespaceAccess): Promise<string> {
  const known = fleets.get(workflowService) ?? new Map<string, Promise<string>>();
  fleets.set(workflowService, known);
  const asking = known.get(namespace) ?? read({ workflowService, namespace });
  known.set(namespace, asking);
  asking.catch(() => known.delete(namespace));
  return asking;
}

/** Returns the given fleet, or the default one of the client's namespace. */
export function fleetOf(client: TemporalReader, fleet: string | undefined): Promise<string> {
  if (fleet !== undefined) return Promise.resolve(fleet);
  return namespaceFleet({ workflowService: client.workflowService, namespace: client.options.namespace });
}

/** Sets the default fleet of a connection, for tests that compare names. */
export function presetFleet(client: TemporalReader, fleet: string): void {
  fleets.set(client.workflowService, new Map([[client.options.namespace, Promise.resolve(fleet)]]));
}

async function read({ workflowService, namespace }: NamespaceAccess): Promise<string> {
  try {
    const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
    if (namespaceInfo?.id) return fleetOfId(namespaceInfo.id);
  } catch (error) {
    throw new FleetError(unknown(namespace), { cause: error });
  }
  throw new FleetError(unknown(namespace));
}

function unknown(namespace: string): string {
  return `Temporal does not tell the ID of the namespace "${namespace}", which names the fleet. Set GPU_CLOUDS_FLEET to a name of 1 to 12 lower-case letters and digits.`;
}

function fleetOfId(id: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(id).digest('hex')}`).toString(36);
  return `n${digits.slice(0, 11)}`;
}
