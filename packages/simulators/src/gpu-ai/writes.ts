/** Operations that create or delete resources, even if their response is lost. The first one creates an instance. */
export const writes = ['createInstance', 'createSshKey', 'deleteInstance', 'deleteSshKey'] as const;
