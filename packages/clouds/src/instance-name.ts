import { sha256 } from '@noble/hashes/sha2.js';

/** Whose instance something is, as its name with the vendor tells. */
export interface InstanceNameParts {
  /** Which gpu-clouds owns it: 1–12 lower-case letters and digits. Two deployments in one account never touch each other's. */
  readonly fleet: string;
  /** The run it was rented for. */
  readonly run: string;
  /** Which instance of the run, from 0 on. */
  readonly ordinal: number;
}

const fleetPattern = /^[a-z0-9]{1,12}$/;
/** A run's id that stands in an instance name as it is. Hashes begin with 0, so that no such id equals the hash of another. */
const literalRun = '[a-z1-9][a-z0-9]{0,25}';
const literalRunPattern = new RegExp(`^${literalRun}$`);
/** No part may hold a hyphen, so that an instance name splits in one way only: fleet `a` never claims what belongs to `ab`. */
const namePattern = new RegExp(`^gpuc-([a-z0-9]{1,12})-(${literalRun}|0[a-z2-7]{16})-(0|[1-9][0-9]{0,3})$`);
const maxOrdinal = 9999;

/**
 * The name under which an instance, and the key or volume that goes with it, is created: `gpuc-<fleet>-<run>-<ordinal>`.
 * At most 49 lower-case letters, digits and hyphens: valid as hostname and VM name with every vendor, and as key name
 * with all but Massed Compute, whose adapter has another spelling for it.
 * A `run` of 1–26 lower-case letters and digits that does not begin with `0` stands in it as it is. Any other is replaced by
 * `0` and 16 characters of its hash: two runs never share an instance name because the id of one is the hash of the other.
 * @throws RangeError when the fleet or the ordinal cannot stand in an instance name.
 */
export function formatInstanceName({ fleet, run, ordinal }: InstanceNameParts): string {
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal > maxOrdinal) {
    throw new RangeError(`An instance's ordinal is a whole number from 0 to ${maxOrdinal}, not ${ordinal}.`);
  }
  return `${fleetPrefix(fleet)}${literalRunPattern.test(run) ? run : hashed(run)}-${ordinal}`;
}

/** What every instance name of the fleet starts with, its last hyphen included. To tell ownership, use {@link parseInstanceName}. */
export function fleetPrefix(fleet: string): string {
  if (!fleetPattern.test(fleet)) {
    throw new RangeError(
      `A fleet's name is 1 to 12 lower-case letters and digits, not "${fleet}". Set GPU_CLOUDS_FLEET to such a name.`,
    );
  }
  return `gpuc-${fleet}-`;
}

/** The parts of an instance name, its run's hash instead of an id that is hashed, or undefined for a name that {@link formatInstanceName} cannot have made. */
export function parseInstanceName(name: string): InstanceNameParts | undefined {
  const [, fleet, run, ordinal] = namePattern.exec(name) ?? [];
  if (fleet === undefined || run === undefined || ordinal === undefined) return undefined;
  return { fleet, run, ordinal: Number(ordinal) };
}

/** 0 and RFC 4648 base32 in lower case; 16 characters carry 80 bits of the SHA-256. */
function hashed(run: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  // Not node:crypto nor SubtleCrypto: a Temporal workflow has neither, and instance names are made there.
  const bits = Array.from(sha256(new TextEncoder().encode(run)).subarray(0, 10), (byte) =>
    byte.toString(2).padStart(8, '0'),
  ).join('');
  return `0${(bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join('')}`;
}
