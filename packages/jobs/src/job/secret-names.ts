import type { Job } from './job-schema.ts';

/** Returns the names of everything secret that a job uses: variables of the worker, and credentials that the vendor keeps. */
export function secretNamesOf(job: Job): readonly string[] {
  const registry = job.mode === 'instance' ? job.container?.registryAuth : job.container.registryCredentials;
  const webhooks = (job.notify ?? []).flatMap(({ webhook, signWith }) => [webhook, signWith]);
  const names = [...job.secrets, registry, ...webhooks].filter((name) => name !== undefined);
  return [...new Set(names)];
}
