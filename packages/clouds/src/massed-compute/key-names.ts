import { parseLabel } from '../label.ts';

/*
 * Names of keys take letters and digits only (skyward, its Massed Compute provider: "alphanumeric only"; brevdev/cloud takes hyphens
 * out as well). Labels have no capitals, so that one can stand for the hyphen and be told from everything else.
 */
const hyphen = 'X';

/** The name under which a label's key is kept. */
export function keyName(label: string): string {
  return label.replaceAll('-', hyphen);
}

/** The label that a key was kept for; any other name as it is. */
export function labelOfKey(name: string): string {
  const label = name.replaceAll(hyphen, '-');
  return parseLabel(label) === undefined ? name : label;
}
