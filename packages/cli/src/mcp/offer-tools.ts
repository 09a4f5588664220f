import { type Offer, orderedPricePerHour, rankOffers, vendors } from '@gpu-clouds/clouds/pure';
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { CliError, exitCodes } from '../cli-error.ts';
import { constraintsOf, whyNone } from '../commands/offers.ts';
import { listOffers } from '../list-offers.ts';
import type { Agent } from './agent.ts';
import { guarded, result } from './results.ts';
import { untrusted } from './untrusted.ts';

/** Offers that a tool returns at most. */
const maxOffers = 50;

/** Fields that select offers. */
export const offerFields = {
  gpu: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('GPUs, each with an optional count, such as "H100:8" or "4090". Default: any.'),
  memory: z.number().positive().optional().describe('Minimum memory of one GPU, in GiB.'),
  region: z.array(z.string()).min(1).optional().describe('Regions, or what their names begin with.'),
  vendor: z.array(z.enum(vendors)).min(1).optional(),
  spot: z.enum(['allow', 'only', 'never']).default('never'),
  maxPrice: z.number().positive().optional().describe('Maximum US dollars per hour of the whole instance.'),
};

export function addOfferTools(server: McpServer, agent: Agent): void {
  const { terminal } = agent;
  server.registerTool(
    'list_offers',
    {
      description: 'Lists what can be rented now at all clouds, cheapest first. Costs nothing.',
      inputSchema: z.object({ ...offerFields, limit: z.int().min(1).max(maxOffers).default(10) }),
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    guarded(agent, async ({ limit, ...filters }) => {
      const notes: string[] = [];
      const constraints = constraintsOf(filters);
      const all = await listOffers(filters.vendor, { ...terminal, note: (line) => notes.push(line) });
      const ranked = rankOffers(all, constraints);
      if (ranked.length === 0) throw new CliError(whyNone(all, constraints), { exitCode: exitCodes.noOffer });
      const offers = ranked.slice(0, limit).map((offer) => shownOffer(offer));
      const marked = notes.length === 0 ? [] : [untrusted('Clouds that are left out', notes.join('\n'))];
      return result({ offers, matching: ranked.length }, ...marked);
    }),
  );
}

/** Returns what an agent needs to know of an offer. */
export function shownOffer(offer: Offer, storage?: number) {
  const { vendor, region, gpu, gpuCount, gpuMemory, spot } = offer;
  return { vendor, region, gpu, gpuCount, gpuMemory, spot, pricePerHour: orderedPricePerHour(offer, storage) };
}
