import { parseInstanceName } from '../instance-name.ts';

/*
 * Names of keys take letters and digits only (skyward, its Massed Compute provider: "alphanumeric only"; brevdev/cloud takes hyphens
 * out as well). Instance names have no capitals, so that one can stand for the hyphen and be told from everything else.
 */
const hyphen = 'X';

/** Returns the name of the key of an instance name. */
export function keyName(instanceName: string): string {
  return instanceName.replaceAll('-', hyphen);
}

/** The instance name that a key was kept for; any other name as it is. */
export function instanceNameOfKey(keyName: string): string {
  const name = keyName.replaceAll(hyphen, '-');
  return parseInstanceName(name) === undefined ? keyName : name;
}
