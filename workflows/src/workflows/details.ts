import type { Offer } from '@gpu-clouds/clouds/pure';
import { costOf, type JobFacts, type JobRental } from '../job-status.ts';
import type { InstanceFacts } from './instance-api.ts';

/** What Temporal's UI shows of a run, as Markdown. @param now Milliseconds since the epoch. */
export function runDetails(facts: JobFacts, now: number): string {
  const last = facts.rentals.at(-1);
  const current = last?.until === undefined ? last : undefined;
  const perHour = current === undefined ? '' : `, and $${current.pricePerHour.toFixed(2)} an hour from then on`;
  return [
    `**${facts.outcome ?? facts.phase}** since ${facts.phaseSince}`,
    ...(facts.message === undefined ? [] : [facts.message]),
    ...(current === undefined ? [] : [`Machine: ${machine(current)}`]),
    `Cost: $${costOf(facts.rentals, now).toFixed(2)} up to ${new Date(now).toISOString()}${perHour}`,
    ...facts.failures.map(({ vendor, kind, message }) => `Failed before: ${vendor}: ${kind}: ${message}`),
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

/** What Temporal's UI shows of the owner of a machine, as Markdown. */
export function machineDetails({ state, instanceId, ssh, pricePerHour }: InstanceFacts, offer: Offer): string {
  return [
    `**${state}**`,
    `Machine: ${nameOf(offer)}${instanceId === undefined ? '' : `, ${instanceId}`}`,
    `Price: $${pricePerHour.toFixed(2)} an hour`,
    ...(ssh === undefined ? [] : [`SSH: ${ssh.user}@${ssh.host}:${ssh.port}`]),
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

function machine({ label, offer, instanceId }: JobRental): string {
  return `\`${label}\`: ${nameOf(offer)}${instanceId === undefined ? '' : `, ${instanceId}`}`;
}

function nameOf({ gpuCount, gpu, vendor, region }: Offer): string {
  return `${gpuCount} × ${gpu} at ${vendor} in ${region}`;
}
