import { type JsonRecord, numberOf, textOf } from '../record.ts';
import { operatingSystems } from './catalog.ts';
import { errorResponse } from './errors.ts';
import type { Host, Share } from './hosts.ts';

const requiredFields = ['name', 'gpu_count', 'vcpus', 'ram', 'storage', 'operating_system'];

/** Checks the required fields. @throws ErrorResponse when a field is missing or the operating system is unknown */
export function checkForm(body: JsonRecord): void {
  const missing = requiredFields.find((name) => (textOf(body, name) ?? '') === '');
  if (missing !== undefined) throw errorResponse(`Missing required parameter: ${missing}`, 400);
  if (textOf(body, 'password') === undefined && textOf(body, 'ssh_key') === undefined) {
    throw errorResponse('Missing required parameter: password', 400);
  }
  if (!operatingSystems.includes(textOf(body, 'operating_system') ?? ''))
    throw errorResponse('Invalid operating system');
}

/** Returns the requested size. @throws ErrorResponse 400 when it is below the minimum */
export function shareOf(body: JsonRecord): Share {
  const share = shareIn(body);
  if (share.vcpus < 1 || share.ram < 1 || share.storage < 20)
    throw errorResponse('vcpus and ram must be at least 1, and storage at least 20', 400);
  return share;
}

/** Returns the size in a form. What is missing is 0. */
export function shareIn(body: JsonRecord): Share {
  const at = (name: string) => numberOf(body, name) ?? 0;
  return {
    gpuModel: textOf(body, 'gpu_model'),
    gpuCount: at('gpu_count'),
    vcpus: at('vcpus'),
    ram: at('ram'),
    storage: at('storage'),
  };
}

/**
 * Returns the port forwards, external to internal. Ports are text, `{20001, 20002}` or `[20001, 20002]`, paired by position.
 * @throws ErrorResponse when the ports do not match or an external port is not free
 */
export function forwardsOf(body: JsonRecord, host: Host): Record<string, string> {
  const external = numbersIn(textOf(body, 'external_ports'));
  const internal = numbersIn(textOf(body, 'internal_ports'));
  if (external.length !== internal.length) throw errorResponse('The number of external and internal ports must match');
  const free = host.freePorts().map(String);
  const takenPort = external.find((port) => !free.includes(port));
  if (takenPort !== undefined) throw errorResponse(`External port ${takenPort} is not available on this hostnode`);
  if (new Set(external).size !== external.length) throw errorResponse('External ports must be unique');
  return Object.fromEntries(external.map((port, index) => [port, internal[index] ?? '']));
}

function numbersIn(text: string | undefined): readonly string[] {
  return text?.match(/\d+/g) ?? [];
}

/**
 * Returns the public keys in `ssh_key`, or in the `ssh_authorized_keys` of a cloud-init script, as older clients send
 * them.
 */
export function publicKeysIn(text: string): readonly string[] {
  return text.match(/(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]+/g) ?? [];
}

/** Returns whether a spot bid, in US dollars per hour, is at least 40% of the compute price. */
export function bidSucceeds(host: Host, share: Share, price: number | undefined): boolean {
  return price !== undefined && price >= host.computePrice(share) * 0.4;
}
