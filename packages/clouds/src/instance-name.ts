import { sha256 } from '@noble/hashes/sha2.js';

/** What identifies the owner of an instance, and with it the instance. */
export interface OwnerParts {
  /** The fleet that owns the instance: 1–12 lower-case letters and digits. Fleets in one account never touch each other's instances. */
  readonly fleet: string;
  /** The run or lease that the instance is for. */
  readonly run: string;
  /** Number of the instance in its run, from 0 to 9999. */
  readonly ordinal: number;
}

/** The parts of an instance name. */
export interface InstanceNameParts extends OwnerParts {
  /** When the instance must be gone, in milliseconds since the epoch. A name counts in minutes. */
  readonly deadline: number;
}

const minuteMs = 60_000;
const fleetPattern = /^[a-z0-9]{1,12}$/;
/** A run's ID that is used in names as it is. Hashes begin with 0, so no ID equals the hash of another. */
const literalRun = '[a-z1-9][a-z0-9]{0,25}';
const literalRunPattern = new RegExp(`^${literalRun}$`);
/** No part contains a hyphen, so a name splits in one way only: fleet `a` never claims what belongs to `ab`. */
const namePattern = new RegExp(
  `^(gpuc-([a-z0-9]{1,12})-(${literalRun}|0[a-z2-7]{16})-(0|[1-9][0-9]{0,3}))(?:-([1-9a-z][0-9a-z]{4,5}))?$`,
);
const maxOrdinal = 9999;
/** Minutes since the epoch that have five or six digits in base 36: the years 1973 to 6109. */
const [firstMinute, lastMinute] = [36 ** 4, 36 ** 6 - 1];

/**
 * Returns the ID of an instance's owner, `gpuc-<fleet>-<run>-<ordinal>`: the ID of the workflow that owns the instance, and the name of
 * its SSH key. A run of 1–26 lower-case letters and digits that does not begin with `0` is used as it is. Any other is replaced by `0`
 * and 16 characters of its hash, so two runs never share an ID.
 * @throws {RangeError} The fleet or the ordinal is invalid.
 */
export function formatOwnerId({ fleet, run, ordinal }: OwnerParts): string {
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal > maxOrdinal) {
    throw new RangeError(`The ordinal of an instance must be a whole number from 0 to ${maxOrdinal}, not ${ordinal}.`);
  }
  return `${fleetPrefix(fleet)}${literalRunPattern.test(run) ? run : hashed(run)}-${ordinal}`;
}

/**
 * Returns the name under which an instance is created, `gpuc-<fleet>-<run>-<ordinal>-<deadline>`: the ID of its owner, and the minute by
 * which it must be gone, in base 36. So anyone who lists the account knows the owner and whether the instance is overdue, without Temporal.
 * It has at most 56 lower-case letters, digits, and hyphens, which every vendor accepts as a host name.
 * @throws {RangeError} The fleet, the ordinal, or the deadline is invalid.
 */
export function formatInstanceName({ deadline, ...owner }: InstanceNameParts): string {
  const minute = Math.ceil(deadline / minuteMs);
  if (!(minute >= firstMinute && minute <= lastMinute)) {
    throw new RangeError(
      `The deadline of an instance must be a time in milliseconds since the epoch, not ${deadline}.`,
    );
  }
  return `${formatOwnerId(owner)}-${minute.toString(36)}`;
}

/** Returns the beginning of every instance name of a fleet, with its last hyphen. To determine ownership, use {@link parseInstanceName}. */
export function fleetPrefix(fleet: string): string {
  if (!fleetPattern.test(fleet)) {
    throw new RangeError(
      `A fleet's name is 1 to 12 lower-case letters and digits, not "${fleet}". Set GPU_CLOUDS_FLEET to such a name.`,
    );
  }
  return `gpuc-${fleet}-`;
}

/**
 * Returns the parts of an instance name or of an owner's ID, which has no deadline. The run of a hashed ID is its hash. Returns undefined
 * for any other name.
 */
export function parseInstanceName(
  name: string,
): (OwnerParts & { readonly ownerId: string; readonly deadline?: number | undefined }) | undefined {
  const match = namePattern.exec(name);
  if (match === null) return undefined;
  const [, ownerId = '', fleet = '', run = '', ordinal, deadline] = match;
  const minute = deadline === undefined ? undefined : Number.parseInt(deadline, 36);
  return { ownerId, fleet, run, ordinal: Number(ordinal), deadline: minute && minute * minuteMs };
}

/** Returns the ID of the owner of an instance with this name: the name without its deadline. Any other name is returned as it is. */
export function ownerIdOf(name: string): string {
  return parseInstanceName(name)?.ownerId ?? name;
}

/** Returns whether two names are of the same owner. The deadline in a name does not count. */
export function haveSameOwner(name: string, other: string): boolean {
  return ownerIdOf(name) === ownerIdOf(other);
}

/** 0 and RFC 4648 base32 in lower case; 16 characters carry 80 bits of the SHA-256. */
function hashed(run: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  // Not node:crypto or SubtleCrypto: a Temporal workflow has neither, and instance names are made there.
  const bits = Array.from(sha256(new TextEncoder().encode(run)).subarray(0, 10), (byte) =>
    byte.toString(2).padStart(8, '0'),
  ).join('');
  return `0${(bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join('')}`;
}
