import { isRecord, type JsonRecord, recordOf, recordsOf, textOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import { type Call, originOf } from '../vendor-app.ts';
import type { InstanceType } from './catalog.ts';
import { errorResponse } from './errors.ts';

/** What container deployments and job deployments have in common. */
export interface Serverless {
  readonly name: string;
  readonly createdAt: number;
  /** URL under which its containers are called. */
  readonly endpoint: string;
  containers: readonly JsonRecord[];
  compute: JsonRecord;
  scaling: JsonRecord;
  registry: JsonRecord;
}

/** Reads an order. @throws ErrorResponse when its name, image, or compute resource is invalid */
export function readOrder(call: Call, stock: Stock<InstanceType>, now: number): Serverless {
  const { body } = call;
  const name = textOf(body, 'name') ?? '';
  // From the vendor's command-line tool: verda-cloud/verda-cli, internal/verda-cli/cmd/serverless/shared.go.
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 63)
    throw errorResponse('invalid_request', 'name must be lower-case letters, digits and hyphens, at most 63');
  const compute = recordOf(body.compute);
  priceOf(stock, compute);
  return {
    name,
    createdAt: now,
    endpoint: `${originOf(call)}/${name}`,
    containers: recordsOf(body, 'containers').map((container, index) =>
      containerOf(container, `${name}-${index}`, now),
    ),
    compute,
    scaling: recordOf(body.scaling),
    registry: recordOf(body.container_registry_settings),
  };
}

/** Changes what the request contains. @throws ErrorResponse when an image or the compute resource is invalid */
export function change(deployment: Serverless, body: JsonRecord, stock: Stock<InstanceType>): void {
  const changes = recordsOf(body, 'containers');
  if (isRecord(body.compute)) priceOf(stock, body.compute);
  deployment.containers = deployment.containers.map((container, index) => {
    const name = String(container.name);
    // The vendor's SDKs leave out the name of the only container.
    const found =
      changes.find((each) => each.name === name) ?? (changes[index]?.name === undefined ? changes[index] : undefined);
    return found === undefined ? container : containerOf({ ...container, ...found }, name, deployment.createdAt);
  });
  if (isRecord(body.compute)) deployment.compute = body.compute;
  if (isRecord(body.scaling)) rescale(deployment, body.scaling);
  if (isRecord(body.container_registry_settings)) deployment.registry = body.container_registry_settings;
}

export function rescale(deployment: Serverless, changes: JsonRecord): void {
  const scaling_triggers = { ...recordOf(deployment.scaling.scaling_triggers), ...recordOf(changes.scaling_triggers) };
  const triggers = Object.keys(scaling_triggers).length === 0 ? {} : { scaling_triggers };
  deployment.scaling = { ...deployment.scaling, ...changes, ...triggers };
}

/** Returns the price of a compute resource in US dollars per hour. @throws ErrorResponse when it is unknown */
export function priceOf(stock: Stock<InstanceType>, { name, size }: JsonRecord): number {
  const type = stock.rows.find(({ model, gpu }) => model === name && gpu.count === size);
  if (type === undefined) throw errorResponse('invalid_request', 'Invalid compute resource');
  return type.pricePerHour * 1.1;
}

/** Returns the fields that both kinds show. */
export function serverlessView({ name, createdAt, endpoint, containers, compute, registry }: Serverless) {
  return {
    name,
    created_at: new Date(createdAt).toISOString(),
    endpoint_base_url: endpoint,
    containers,
    compute,
    container_registry_settings: { is_private: false, credentials: null, ...registry },
  };
}

/** Returns the names of the secrets, file secrets, and registry credentials that a deployment refers to. */
export function secretsIn({ containers, registry }: Serverless): readonly string[] {
  const inContainers = containers.flatMap((container) => [
    ...recordsOf(container, 'env')
      .filter(({ type }) => type === 'secret')
      .map((each) => each.value_or_reference_to_secret),
    ...recordsOf(container, 'volume_mounts').map((mount) => mount.secret_name),
  ]);
  return [...inContainers, recordOf(registry.credentials).name].filter((name) => typeof name === 'string');
}

/** Returns a container as the API shows it: with a name, and with its image as an object. */
function containerOf(container: JsonRecord, name: string, createdAt: number): JsonRecord {
  const { image } = container;
  const shown = typeof image === 'string' ? { image, last_updated_at: new Date(createdAt).toISOString() } : image;
  const tag = /[^/]*$/.exec(textOf(recordOf(shown), 'image') ?? '')?.[0] ?? '';
  // The API requires a tag or digest, and refuses `latest`: verda-cloud/verdacloud-sdk-go@ca1aa5c, validation.go.
  if (!/[:@]/.test(tag) || tag.endsWith(':latest'))
    throw errorResponse('invalid_request', 'Image must have a specific tag, and not latest');
  const defaults = { env: [], volume_mounts: [], should_use_cached_image: false };
  return { ...defaults, ...container, name, image: shown };
}
