import type { TestProject } from 'vitest/node';
import { resolveS3Server } from './resolve-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the S3 server's executable. */
    s3Server: string;
  }
}

/** Before the first test has a timeout: building takes a while. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('s3Server', await resolveS3Server());
}
