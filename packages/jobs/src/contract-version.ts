/**
 * Version of the inputs of `runJob`, `runBatch`, and `instance`: `<major>.<minor>`. The minor version is raised when an input gets a field that
 * workers must know. Workers accept this version and the minor version before it.
 */
export const contractVersion = '1.0';

/** Returns why a worker refuses an input of a version, or undefined if it accepts it. The first inputs named no version. */
export function contractRefusal(version = '1.0', own = contractVersion): string | undefined {
  const accepted = acceptedBy(own);
  if (accepted.includes(version)) return undefined;
  return `The input has contract version ${version}, and this worker accepts ${accepted.join(' and ')}. Use releases of @gpu-clouds/jobs and @gpu-clouds/workflows that fit together.`;
}

function acceptedBy(own: string): readonly string[] {
  const [major = 0, minor = 0] = own.split('.').map(Number);
  return minor === 0 ? [own] : [own, `${major}.${minor - 1}`];
}
