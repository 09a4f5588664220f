import type { VendorRules } from './vendor-rules.ts';

/** An OpenAPI document that our own code defines. It has no published form, and so no patches. */
export interface OwnDocument extends Pick<VendorRules, 'client' | 'repeatable'> {
  /** Name for messages. */
  readonly name: string;
  /** The module that exports it as `openApiDocument`, relative to the root. */
  readonly source: string;
  /** Folder of the generated files, relative to the root. */
  readonly folder: string;
}

const noHarm = { repeatable: true, reason: 'The second one finds that it ends already.' };

/** The documents of our own code. */
export const ownDocuments: readonly OwnDocument[] = [
  {
    name: 'server',
    source: 'packages/server/src/api.ts',
    folder: 'packages/server/src/generated',
    client: 'Server',
    repeatable: { stopRun: noHarm, cancelRun: noHarm, releaseLease: noHarm },
  },
];
