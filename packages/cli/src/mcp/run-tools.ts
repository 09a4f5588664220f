import {
  type Job,
  JobIdError,
  JobNotFoundError,
  type JobStatus,
  jobHandle,
  parseJob,
  startJob,
  stopJob,
  uploadJobFiles,
  watchJob,
} from '@gpu-clouds/jobs';
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { CliError, exitCodes } from '../cli-error.ts';
import { dollars } from '../output/format.ts';
import { type Plan, planOf } from '../plan.ts';
import { startSearchable } from '../start-searchable.ts';
import { type Agent, checkStart, spendingOf } from './agent.ts';
import { agentJob, checkQuoted, uploadsFromOf } from './agent-job.ts';
import { isAutomatic, unapproved } from './approval.ts';
import { canonicalJson } from './canonical-json.ts';
import { shownOffer } from './offer-tools.ts';
import type { Quote } from './quotes.ts';
import { guarded, result, withoutFolders } from './results.ts';
import { untrusted } from './untrusted.ts';

const runId = z.string().describe('Id of the run, which is also the id of its quote.');
const waitSeconds = z.int().min(0).max(50).default(0).describe('Seconds to wait for the next phase. Default: 0.');
export const attempt = z
  .int()
  .min(1)
  .default(1)
  .describe('A higher number than before starts the same job or lease once more. Default: 1.');

const jobExample =
  '{"name":"train","command":"python train.py","resources":{"gpu":"H100"},"limits":{"maxCost":5,"maxDuration":"2h"},"files":{"up":[{"from":"train.py","to":"train.py"}],"down":[{"from":"model.bin","to":"model.bin"}]}}';

export function addRunTools(server: McpServer, agent: Agent): void {
  server.registerTool(
    'quote_run',
    {
      description:
        'Quotes a run of one exact job: what it would rent, its price per hour, and its maximum cost. Starts nothing. Returns the id for start_run, valid for one hour.',
      inputSchema: z.object({
        job: z
          .record(z.string(), z.unknown())
          .describe(`Content of a gpu-clouds job file as JSON, such as ${jobExample}`),
        attempt,
      }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, ({ job, attempt }) => quoteRun(agent, job, attempt)),
  );
  server.registerTool(
    'start_run',
    {
      description:
        'Starts the run of an approved quote. SPENDS MONEY, up to the maximum cost in the quote. Repeating the call never starts a second run.',
      inputSchema: z.object({ quote: z.string().describe('Id that quote_run returned.') }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, async ({ quote: id }, context) => {
      spendingOf(agent);
      const quote = await quoteOf(agent, id);
      // The answer to an earlier call may have been lost.
      const known = await existing(agent, id);
      if (known !== undefined) return known;
      const job = parseJob(quote.terms.subject, 'The quote');
      const { maxCost } = job.limits;
      if (maxCost === undefined) throw new CliError('The job has no limits.maxCost. Add it, and quote the run again.');
      checkQuoted(job, quote.terms, agent.policy);
      await checkStart(agent, quote);
      return (await unapproved(agent, quote, maxCost, context, server)) ?? (await start(agent, id, job));
    }),
  );
  server.registerTool(
    'get_run',
    {
      description: 'Returns the phase, outcome, exit code, instances, and cost of a run.',
      inputSchema: z.object({ id: runId, waitSeconds }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    guarded(agent, async ({ id, waitSeconds }, { mcpReq: { signal } }) =>
      shownRun(await statusOf(agent, id, waitSeconds, signal)),
    ),
  );
  server.registerTool(
    'stop_run',
    {
      description:
        'Ends a run that was started by start_run: its command ends, its files come back, and its instance is destroyed.',
      inputSchema: z.object({ id: runId }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    },
    guarded(agent, async ({ id }) => {
      spendingOf(agent);
      await quoteOf(agent, id);
      const { phase } = await jobHandle(agent.client, id).status();
      if (phase !== 'finished') await stopJob(agent.client, id);
      return result({ id, stopping: phase !== 'finished' });
    }),
  );
}

async function quoteRun(agent: Agent, source: Readonly<Record<string, unknown>>, attempt: number) {
  const { terminal, runs, fleet, account, policy } = agent;
  const notes: string[] = [];
  const noting = { ...terminal, note: (line: string) => notes.push(line) };
  const checked = agentJob(source, policy);
  const plan = await planOf(checked, noting);
  // The quote names the content of the files by their hash, so what runs is what was quoted.
  const onSummary = ({ from, files, bytes, skipped }: Parameters<NonNullable<UploadSummary>>[0]) =>
    notes.push(`${from}: ${files} files, ${bytes} bytes; left out: ${skipped.map(({ path }) => path).join(', ')}`);
  const job = await uploadJobFiles(runs, checked, { env: terminal.env, onSummary });
  const subject = canonicalJson(job);
  const terms = { kind: 'run', account, fleet, attempt, subject, uploadsFrom: uploadsFromOf(checked) } as const;
  const quote = await agent.quotes.add(terms, summaryOf(job, plan));
  const { candidates = [], pricePerHour, cap } = plan;
  const { maxCost, maxDuration } = job.limits;
  const storage = job.mode === 'instance' ? job.resources.storage : undefined;
  const facts = {
    quote: quote.id,
    expiresAt: quote.expiresAt,
    approval: approvalOf(agent, quote, maxCost),
    pricePerHour,
    maxCost,
    cap,
    maxDuration,
    candidates: candidates.slice(0, 5).map((offer) => shownOffer(offer, storage)),
    job,
  };
  return result(facts, ...(notes.length === 0 ? [] : [untrusted('Notes', withoutFolders(notes.join('\n'), agent))]));
}

type UploadSummary = NonNullable<Parameters<typeof uploadJobFiles>[2]>['onSummary'];

/** Says who has to approve a quote. */
export function approvalOf(agent: Agent, quote: Quote, maxCost: number | undefined): string {
  if (agent.policy.spending === undefined) return 'none: this server can only read';
  if (maxCost === undefined) return 'none: set a maximum cost, and quote again';
  if (isAutomatic(agent, maxCost)) return 'automatic';
  return quote.approvedAt === undefined
    ? `a person, with "gpu-clouds approve ${quote.id}" or in the client`
    : 'approved';
}

/** Returns everything that runs and what it may cost, for a person to read. */
function summaryOf(job: Job, { candidates, pricePerHour, cap }: Plan): string {
  const [first] = candidates ?? [];
  const { name, limits, secrets } = job;
  const most = limits.maxCost ?? cap;
  return [
    `Run "${name}" for at most ${most === undefined ? 'an unlimited cost' : dollars(most)} and ${limits.maxDuration}?`,
    ...(first === undefined || pricePerHour === undefined
      ? []
      : [`${first.gpuCount}x ${first.gpu} at ${first.vendor}, or a later offer; ${dollars(pricePerHour)} per hour`]),
    ...(secrets.length === 0 ? [] : [`It gets the secrets ${secrets.join(', ')}.`]),
    'The job:',
    JSON.stringify(job, undefined, 2),
  ].join('\n');
}

/** Returns a quote of this account: nobody else's runs can be started or stopped. */
export async function quoteOf(
  { quotes, account }: Agent,
  id: string,
  kind: Quote['terms']['kind'] = 'run',
): Promise<Quote> {
  const quote = await quotes.find(id);
  if (quote.terms.kind === kind && quote.terms.account === account) return quote;
  throw new CliError(`"${id}" is no quote of a ${kind} of this account.`, { exitCode: exitCodes.usage });
}

async function existing({ client }: Agent, id: string) {
  try {
    return shownRun(await jobHandle(client, id).status());
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

async function start(agent: Agent, id: string, job: Job) {
  const { client, fleet, account, runs } = agent;
  try {
    await startSearchable(client, (searchable) =>
      startJob(client, job, { id, fleet, runs, searchable, budgetAccounts: [account], tags: { agent: account } }),
    );
  } catch (error) {
    // Another call with the same quote was faster.
    if (!(error instanceof JobIdError)) throw error;
  }
  return shownRun(await jobHandle(client, id).status());
}

/** Returns the status after the next change, or when the time is over. */
async function statusOf({ client }: Agent, id: string, seconds: number, aborted: AbortSignal): Promise<JobStatus> {
  const first = await jobHandle(client, id).status();
  if (seconds === 0 || first.phase === 'finished') return first;
  const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), aborted]);
  let latest = first;
  for await (latest of watchJob(client, id, { signal })) if (latest.phase !== first.phase) break;
  return latest;
}

function shownRun(status: JobStatus) {
  const { id, name, phase, outcome, exitCode, elapsedSeconds, costSoFar, activeInstances, failures, waiting, message } =
    status;
  const instances = activeInstances.map(({ node, offer, pricePerHour }) => ({
    ...shownOffer(offer),
    node,
    pricePerHour,
  }));
  const messages = [...failures.slice(-5).map(({ kind, message }) => `${kind}: ${message}`), waiting?.message, message];
  const text = messages.filter((line) => line !== undefined).join('\n');
  return result(
    { id, name, phase, outcome, exitCode, elapsedSeconds, costSoFar, instances, waitingFor: waiting?.reason },
    ...(text === '' ? [] : [untrusted('What failed', text)]),
  );
}
