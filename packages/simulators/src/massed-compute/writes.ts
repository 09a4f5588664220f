/** Operations that create or delete resources, even if their response is lost. The first one creates an instance. */
export const writes = ['launchInstance', 'createSshKey', 'terminateInstances', 'deleteSshKey'] as const;
