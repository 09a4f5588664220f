import type { Instance, Offer } from './cloud.ts';
import { listedId } from './ids.ts';
import { isGrowth, positive } from './price-per-hour.ts';

/** Properties that the vendors' documents declare as numbers. Some answers hold them as text. */
const numbers = new Set([
  ...['amount', 'available', 'base_hourly_cost', 'capacity_available', 'cpu_cores', 'disk_price_per_gb_hour'],
  ...['gpu_count', 'instance_disk_gb', 'max', 'memory_gib', 'min', 'number_of_cores', 'number_of_gpus', 'os_booted'],
  ...['port', 'price', 'price_cents_per_hour', 'price_per_hour', 'price_per_month_per_gb', 'ram_gb', 'size'],
  ...['size_in_gigabytes', 'storage_gb', 'vcpu_count', 'vram', 'vram_gb'],
]);

function asNumber(key: string, value: unknown): unknown {
  const isNumber =
    typeof value === 'string' && numbers.has(key) && value.trim() !== '' && Number.isFinite(Number(value));
  return isNumber ? Number(value) : value;
}

/** Returns the rows of a vendor's list, without those that are null, and with numbers that were sent as text as numbers. */
export function rowsOf<Row>(list: readonly Row[]): readonly Row[] {
  return list.flatMap(readable);
}

/**
 * Returns the rows of a vendor's list that is an object, by ID.
 * @throws {Error} It is no object. A list that is missing is not an empty one.
 */
export function entriesOf<Row>(list: Readonly<Record<string, Row>>): readonly (readonly [string, Row])[] {
  if (typeof list === 'object') return Object.entries(list);
  throw new Error('no list');
}

/** One row at a time: the text of a long list would be as large as the list. */
function readable<Row>(row: Row): readonly Row[] {
  return row === null ? [] : [JSON.parse(JSON.stringify(row), asNumber)];
}

/**
 * Reads all rows of a vendor's list. A row that cannot be read must not hide the others: it is read once more with its texts
 * alone, which include ID and name, and is left out if that fails too.
 */
export function readRows<Row, Read>(list: readonly Row[], read: (row: Row) => readonly Read[]): readonly Read[] {
  return rowsOf(list).flatMap((row) => {
    try {
      return read(row);
    } catch {
      return readTexts(row, read);
    }
  });
}

function readTexts<Row, Read>(row: Row, read: (row: Row) => readonly Read[]): readonly Read[] {
  try {
    return read(
      JSON.parse(JSON.stringify(row, (key, value) => (key === '' || typeof value === 'string' ? value : undefined))),
    );
  } catch {
    return [];
  }
}

/**
 * Reads the offers of all rows. An offer cannot be chosen, and is left out, without a price, a number of GPUs, or a region, or if one of
 * its parts has no price.
 */
export function readableOffers<Row>(rows: readonly Row[], read: (row: Row) => readonly Offer[]): readonly Offer[] {
  return readRows(rows, read).filter(
    ({ pricePerHour, gpuCount, region, growth = {} }) =>
      positive(pricePerHour) !== undefined &&
      Number.isInteger(gpuCount) &&
      gpuCount > 0 &&
      typeof region === 'string' &&
      Object.values(growth).every((part) => part === undefined || isGrowth(part)),
  );
}

/** Reads all instances. One with an unreadable field, even without an ID, is listed all the same, because it bills. */
export function readInstances<Row>(rows: readonly Row[], read: (row: Row) => Instance): readonly Instance[] {
  return readRows(rows, (row) => {
    const instance = read(row);
    const { id, name, vendorStatus, volumeIds } = instance;
    const texts: readonly unknown[] = [name, vendorStatus, ...volumeIds];
    if (!texts.every((text) => typeof text === 'string')) throw new Error('The row cannot be read.');
    return [{ ...instance, id: listedId(id) }];
  });
}

/**
 * Returns the instance that the answer to a request for an id shows. Undefined if the answer has neither this id nor, without any id, a name:
 * an error with a good status is no instance.
 */
export function instanceIn<Row>(id: string, answer: Row, read: (row: Row) => Instance): Instance | undefined {
  // Some lookups are answered with a list of one.
  const rows: readonly Row[] = Array.isArray(answer) ? answer : [answer];
  const shown = readInstances(rows, read).find((one) => one.id === id || (one.id === '' && one.name !== ''));
  return shown && { ...shown, id };
}

/**
 * Reads the answer to a request for an id.
 * @throws {Error} It shows no such instance, which does not mean that there is none.
 */
export function readInstance<Row>(id: string, answer: Row, read: (row: Row) => Instance): Instance {
  const instance = instanceIn(id, answer, read);
  if (instance === undefined) throw new Error('it does not show the instance');
  return instance;
}
