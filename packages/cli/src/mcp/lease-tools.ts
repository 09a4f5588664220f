import { orderedPricePerHour, rankOffers } from '@gpu-clouds/clouds/pure';
import {
  durationSeconds,
  LeaseError,
  type LeaseSummary,
  leaseHandle,
  leaseId,
  leaseInstance,
  leaseSummary,
} from '@gpu-clouds/jobs';
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { CliError, exitCodes } from '../cli-error.ts';
import { constraintsOf, whyNone } from '../commands/offers.ts';
import { listOffers } from '../list-offers.ts';
import { durationText } from '../option-values.ts';
import { leaseAlarms } from '../output/alarms.ts';
import { dollars } from '../output/format.ts';
import { startSearchable } from '../start-searchable.ts';
import { type Agent, checkStart, spendingOf } from './agent.ts';
import { unapproved } from './approval.ts';
import { canonicalJson } from './canonical-json.ts';
import { offerFields, shownOffer } from './offer-tools.ts';
import { guarded, result } from './results.ts';
import { approvalOf, attempt, quoteOf } from './run-tools.ts';
import { untrusted } from './untrusted.ts';

const leaseSchema = z.object({
  ...offerFields,
  ttl: z
    .string()
    .superRefine((text, context) => {
      // As of `up --ttl`.
      try {
        durationText(text);
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : String(error));
      }
    })
    .describe('Time to live from the create call, such as 30m or 2h. It cannot be extended.'),
  maxCost: z.number().positive().optional().describe('Maximum US dollars. Default: the maximum of the server.'),
  storage: z.number().positive().optional().describe('Minimum disk size in GiB.'),
});
type AgentLease = z.output<typeof leaseSchema>;

const leaseName = z.string().describe('Name of the lease, which is also the id of its quote.');

export function addLeaseTools(server: McpServer, agent: Agent): void {
  const { client, fleet } = agent;
  server.registerTool(
    'quote_lease',
    {
      description:
        'Quotes a lease of one instance without a job: its price per hour and maximum cost. Rents nothing. Returns the id for start_lease, valid for one hour.',
      inputSchema: leaseSchema.extend({ attempt }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, ({ attempt, ...lease }) => quoteLease(agent, lease, attempt)),
  );
  server.registerTool(
    'start_lease',
    {
      description:
        'Rents the instance of an approved quote. SPENDS MONEY, up to the maximum cost in the quote. Repeating the call never rents a second one.',
      inputSchema: z.object({ quote: z.string().describe('Id that quote_lease returned.') }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, async ({ quote: id }, context) => {
      spendingOf(agent);
      const quote = await quoteOf(agent, id, 'lease');
      // The answer to an earlier call may have been lost.
      const known = await leaseSummary(client, leaseId(id, fleet));
      if (known !== undefined) return shownLease(known);
      const lease = leaseSchema.parse(JSON.parse(quote.terms.subject));
      if (lease.maxCost === undefined) throw new CliError('The lease has no maxCost. Add it, and quote again.');
      await checkStart(agent, quote);
      return (await unapproved(agent, quote, lease.maxCost, context, server)) ?? (await start(agent, id, lease));
    }),
  );
  server.registerTool(
    'get_lease',
    {
      description: 'Returns the state, price per hour, and end of a lease.',
      inputSchema: z.object({ name: leaseName }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    guarded(agent, async ({ name }) => shownLease(await found(agent, name))),
  );
  server.registerTool(
    'release_lease',
    {
      description: 'Ends a lease that was started by start_lease, and destroys its instance with everything on it.',
      inputSchema: z.object({ name: leaseName }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, async ({ name }) => {
      spendingOf(agent);
      await quoteOf(agent, name, 'lease');
      const { id, endedAt } = await found(agent, name);
      if (endedAt === undefined) await release(agent, id);
      return shownLease(await found(agent, name));
    }),
  );
}

async function quoteLease(agent: Agent, lease: AgentLease, attempt: number) {
  const { account, fleet, policy } = agent;
  const offers = await matching(agent, lease);
  const [cheapest] = offers;
  const pricePerHour = orderedPricePerHour(cheapest, lease.storage);
  const limit = policy.spending?.maxCost;
  const maxCost = lease.maxCost ?? (limit === 0 ? undefined : limit);
  // Nothing dearer than what was quoted is rented.
  const quoted: AgentLease = { ...lease, maxCost, maxPrice: lease.maxPrice ?? pricePerHour };
  const most = maxCost === undefined ? 'an unlimited cost' : dollars(maxCost);
  const summary = [
    `Lease an instance for ${lease.ttl}, for at most ${most}?`,
    `${cheapest.gpuCount}x ${cheapest.gpu} at ${cheapest.vendor}, or another that fits; ${dollars(pricePerHour)} per hour`,
    JSON.stringify(quoted, undefined, 2),
  ].join('\n');
  const subject = canonicalJson(quoted);
  const quote = await agent.quotes.add({ kind: 'lease', account, fleet, attempt, subject }, summary);
  const byTime = (pricePerHour * durationSeconds(lease.ttl)) / 3600;
  return result({
    quote: quote.id,
    expiresAt: quote.expiresAt,
    approval: approvalOf(agent, quote, maxCost),
    pricePerHour,
    maxCost,
    cap: Math.min(byTime, maxCost ?? byTime),
    ttl: lease.ttl,
    candidates: offers.slice(0, 5).map((offer) => shownOffer(offer, lease.storage)),
  });
}

async function matching({ terminal }: Agent, { storage, ...filters }: AgentLease) {
  const constraints = { ...constraintsOf(filters), gpuCount: 1, minStorage: storage };
  const all = await listOffers(filters.vendor, terminal);
  const [first, ...others] = rankOffers(all, constraints);
  if (first === undefined) throw new CliError(whyNone(all, constraints), { exitCode: exitCodes.noOffer });
  return [first, ...others] as const;
}

async function start(agent: Agent, name: string, lease: AgentLease) {
  const { client, fleet, account } = agent;
  const [offer] = await matching(agent, lease);
  const { ttl, maxCost, storage } = lease;
  const budgetAccounts = [account];
  try {
    await startSearchable(client, (searchable) =>
      leaseInstance(client, { name, offer, fleet, ttl, maxTtl: ttl, maxCost, storage, budgetAccounts, searchable }),
    );
  } catch (error) {
    // Another call with the same quote may have been faster.
    if (!(error instanceof LeaseError) || (await leaseSummary(client, leaseId(name, fleet))) === undefined) throw error;
  }
  return shownLease(await found(agent, name));
}

async function found({ client, fleet }: Agent, name: string): Promise<LeaseSummary> {
  const lease = await leaseSummary(client, leaseId(name, fleet));
  if (lease !== undefined) return lease;
  throw new CliError(`There is no lease "${name}".`, { exitCode: exitCodes.notFound });
}

/** Requests the release. A teardown that has begun needs none. */
async function release({ client }: Agent, id: string): Promise<void> {
  await leaseHandle(client, id)
    .release()
    .catch((error: unknown) => {
      if (!(error instanceof LeaseError)) throw error;
    });
}

function shownLease(lease: LeaseSummary) {
  const { name, state, vendor, gpus, pricePerHour, mustEndBy, endedAt, message } = lease;
  const alarms = leaseAlarms(lease);
  const facts = { name, state, vendor, gpus, pricePerHour, mustEndBy, endedAt, alarms, ssh: `gpu-clouds ssh ${name}` };
  return result(facts, ...(message === undefined ? [] : [untrusted('Why it failed', message)]));
}
