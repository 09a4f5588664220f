/** A place in an S3 bucket: an object, or all objects below a prefix. */
export interface BucketPlace {
  readonly bucket: string;
  /** Without a slash at its begin. Empty for the whole bucket. */
  readonly key: string;
}

/** Stands for the id of the run in `files.down[].to`. */
const runMark = '{run}';
/** Parameters of a URL that give access to what it leads to. */
const credentialParameter =
  /^(x-(amz|goog)-(signature|credential|security-token)|signature|sig|(access_?)?token|api_?key|auth|password)$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u001f\u007f]/;

/** Returns whether a `from` or `to` of a job's files is a URL, and not a path. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** Reads `s3://bucket/prefix`. Returns undefined for anything else. */
export function bucketPlace(url: string): BucketPlace | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** Returns the place of a `files.down[].to`, with the id of the run in the place of `{run}`. */
export function bucketPlaceFor(to: string, run: string): BucketPlace | undefined {
  const place = bucketPlace(to);
  return place && { ...place, key: place.key.replaceAll(runMark, run) };
}

/** Returns whether a name of several parts leads to a file in every folder that it is appended to. */
export function isSafeName(name: string): boolean {
  return !control.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Returns why a URL cannot be a `files.up[].from`. */
export function sourceIssue(from: string): string | undefined {
  if (/^s3:/i.test(from)) return placeIssue(from);
  const url = URL.parse(from);
  if (!/^https:/i.test(from)) return 'must begin with https:// or s3://';
  if (url === null || control.test(from)) return 'is not a valid URL';
  const [parameter] = [...url.searchParams.keys()].filter((name) => credentialParameter.test(name));
  const credential = url.username !== '' || url.password !== '' ? 'user and password' : parameter;
  if (credential === undefined) return undefined;
  return `must not contain credentials, because jobs are stored. Remove ${credential}, or download the file in setup with a variable of secrets`;
}

/** Returns why a text cannot be `s3://bucket/prefix`. */
export function placeIssue(text: string): string | undefined {
  const place = bucketPlace(text);
  if (place === undefined)
    return 'must be s3:// and the name of a bucket, with or without a prefix: s3://bucket/prefix';
  const key = place.key.replace(/\/$/, '');
  if (key === '' || isSafeName(key)) return undefined;
  return 'must not have empty names, ".", "..", or control characters in its prefix';
}

/** Returns whether a path is relative to the user's home and stays inside it. */
export function isInHome(to: string): boolean {
  return !control.test(to) && !to.startsWith('/') && !to.split('/').includes('..');
}

/** Returns where the file of an https source is put: `to`, or with a slash at its end, the file's name in that folder. */
export function fileTarget(from: string, to: string): string {
  if (!to.endsWith('/')) return to;
  const name = URL.parse(from)?.pathname.split('/').at(-1) ?? '';
  return `${to}${decoded(name) || 'index.html'}`;
}

function decoded(name: string): string {
  try {
    const text = decodeURIComponent(name);
    return isSafeName(text) && !text.includes('/') ? text : name;
  } catch {
    return name;
  }
}
