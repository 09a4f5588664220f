import type { Offer } from '@gpu-clouds/clouds/pure';
import {
  costOf,
  type InstanceAlarms,
  type InstanceFacts,
  instancesOf,
  type JobFacts,
  type JobInstance,
} from '@gpu-clouds/jobs/contract';

/** A run that waits for days may have hundreds. */
const mostFailures = 20;

/** Returns what Temporal's UI shows about a run, as Markdown. @param now Milliseconds since the epoch. */
export function runDetails(facts: JobFacts, now: number): string {
  const instances = instancesOf(facts);
  const price = instances.reduce((sum, { pricePerHour }) => sum + pricePerHour, 0);
  const perHour = instances.length === 0 ? '' : `, and $${price.toFixed(2)} an hour from then on`;
  return [
    `**${facts.outcome ?? facts.phase}** since ${facts.phaseSince}`,
    ...(facts.message === undefined ? [] : [facts.message]),
    ...(facts.waiting === undefined ? [] : [`**Waiting** until ${facts.waiting.until}: ${facts.waiting.message}`]),
    ...instances.map((each) => `${instances.length > 1 ? `Node ${each.node}` : 'Instance'}: ${instance(each)}`),
    `Cost: $${costOf(facts.instances, now).toFixed(2)} up to ${new Date(now).toISOString()}${perHour}`,
    ...(facts.idleGpus === undefined
      ? []
      : [`**Idle GPUs** of node ${facts.idleGpus.node} since ${facts.idleGpus.since}`]),
    ...(facts.idleDollars === undefined ? [] : [`Cost of idle GPUs: $${facts.idleDollars.toFixed(2)}`]),
    ...facts.failures
      .slice(-mostFailures)
      .map(({ vendor, kind, message }) => `Failed before: ${vendor}: ${kind}: ${message}`),
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

/** Returns what Temporal's UI shows about the owner of an instance, as Markdown. */
export function instanceDetails(facts: InstanceFacts, offer: Offer): string {
  const { state, instanceId, ssh, pricePerHour, idle } = facts;
  return [
    `**${state}**`,
    ...alarms(facts),
    `Instance: ${nameOf(offer)}${instanceId === undefined ? '' : `, ${instanceId}`}`,
    `Price: $${pricePerHour.toFixed(2)} an hour`,
    ...(idle === undefined ? [] : [`**Idle** since ${idle.since}, released at ${idle.releasedAt} unless it is used`]),
    ...(ssh === undefined ? [] : [`SSH: ${ssh.user}@${ssh.host}:${ssh.port}`]),
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

function instance({ instanceName, offer, instanceId, ...facts }: JobInstance): string {
  const id = instanceId === undefined ? [] : [instanceId];
  return [`\`${instanceName}\`: ${nameOf(offer)}`, ...id, ...alarms(facts)].join(', ');
}

function alarms({ teardownStuckSince, accountSuspectSince }: InstanceAlarms): readonly string[] {
  return [
    ...(teardownStuckSince === undefined
      ? []
      : [`**stuck**: its teardown began at ${teardownStuckSince} and has not ended`]),
    ...(accountSuspectSince === undefined
      ? []
      : [`**account suspect**: all its instances vanished at once at ${accountSuspectSince}`]),
  ];
}

function nameOf({ gpuCount, gpu, vendor, region }: Offer): string {
  return `${gpuCount} × ${gpu} at ${vendor} (${region})`;
}
