import type { TestProject } from 'vitest/node';
import { resolveS3Server } from './resolve-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the S3 server's executable. */
    s3Server: string;
  }
}

/** Without a server there is nothing to test. In CI, which says so by `CI`, that is a failure. */
export default async function setup(project: TestProject): Promise<void> {
  const found = await resolveS3Server();
  if ('path' in found) project.provide('s3Server', found.path);
  else if (process.env.CI) throw new Error(found.missing);
  else {
    console.log(found.missing);
    process.exit(0);
  }
}
