import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { dollars } from '../output/format.ts';
import { escapeControls } from '../output/terminal-text.ts';
import { type Agent, spendingOf } from './agent.ts';
import type { Quote } from './quotes.ts';
import { refusal } from './results.ts';

const answer = z.object({ approve: z.boolean().describe('Start it and pay for it') });

/** Maximum characters of a summary in a question to the person. */
const maxQuestion = 4000;

/** Whether the server may start the quote without asking a person. */
export function isAutomatic(agent: Agent, maxCost: number): boolean {
  return maxCost <= spendingOf(agent).maxCost;
}

/**
 * Returns undefined if the quote may be started: because its maximum cost is below that of the server, or because a person approved it, in the
 * client now or before in a terminal. Otherwise returns the question to the person, or the refusal. No argument of a tool can approve, and
 * neither can an answer to what the server did not ask.
 */
export async function unapproved(
  agent: Agent,
  quote: Quote,
  maxCost: number,
  context: ServerContext,
  server: McpServer,
): Promise<CallToolResult | InputRequiredResult | undefined> {
  if (quote.approvedAt !== undefined || isAutomatic(agent, maxCost)) return undefined;
  const { quotes, questions } = agent;
  const byTerminal = `The person can approve it with "gpu-clouds approve ${quote.id}" in a terminal.`;
  const message = escapeControls(quote.summary);
  // A summary that does not fit could hide what it is about.
  if (!canAsk(context, server) || message.length > maxQuestion) {
    return refusal(`The quote ${quote.id}, of at most ${dollars(maxCost)}, needs a person's approval. ${byTerminal}`);
  }
  const { inputResponses, requestState } = context.mcpReq;
  if (inputResponses === undefined) {
    return inputRequired({
      inputRequests: { approve: inputRequired.elicit({ message, requestedSchema: answer }) },
      requestState: questions.open(quote),
    });
  }
  if (!questions.close(requestState(), quote)) {
    return refusal(
      `This answers no open question about the quote ${quote.id}. Call again, without an answer. ${byTerminal}`,
    );
  }
  if (!acceptedContent(inputResponses, 'approve', answer)?.approve) {
    return refusal(`The person did not approve. ${byTerminal}`);
  }
  await quotes.approve(quote);
  return undefined;
}

/** The SDK types what a request of a newer client carries as an empty object. */
const envelopeSchema = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional(),
  }),
});

/** Whether the client can show a form to its person. */
function canAsk({ mcpReq: { envelope } }: ServerContext, server: McpServer): boolean {
  const carried = envelopeSchema.safeParse(envelope).data?.[CLIENT_CAPABILITIES_META_KEY];
  const { elicitation } = carried ?? server.server.getClientCapabilities() ?? {};
  // An empty object means forms: clients of before URLs were added to the protocol.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
