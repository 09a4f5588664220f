import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { BudgetLimit } from '@gpu-clouds/jobs';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { CliError, exitCodes } from '../cli-error.ts';
import { type Agent, limitAccount, type Spending } from '../mcp/agent.ts';
import { Questions } from '../mcp/questions.ts';
import { createAgentServer } from '../mcp/server.ts';
import { fleetOf, home, runStore, runStoreLocation } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { quotesOf } from './approve.ts';

export interface McpOptions {
  /** Let the agent start and end runs and leases. Requires `maxCost` and `budget`. */
  readonly allowSpend?: boolean | undefined;
  /** US dollars that a run or lease may cost without a person's approval. */
  readonly maxCost?: number | undefined;
  readonly budget?: BudgetLimit | undefined;
  /** Name of the budget's account. */
  readonly account: string;
  readonly secrets?: readonly string[] | undefined;
  readonly allowUpload?: readonly string[] | undefined;
}

/**
 * Serves tools for an AI agent over standard input and output until the client closes them or the signal of the terminal aborts.
 * @throws {CliError} when the options are incomplete, or Temporal does not answer
 */
export async function mcp(options: McpOptions, terminal: Terminal): Promise<void> {
  const spending = spendingOf(options);
  const { account, secrets = [], allowUpload = [] } = options;
  const quotes = quotesOf(terminal);
  const uploadFolders = allowUpload.map((folder) => resolve(folder));
  await withTemporal(terminal, async (client) => {
    const agent: Agent = {
      client,
      terminal,
      account,
      fleet: await fleetOf(terminal, client),
      runs: await runStore(terminal),
      quotes,
      questions: new Questions(quotes),
      policy: { spending, secrets, uploadFolders },
      folders: [...uploadFolders, runStoreLocation(terminal), home(terminal), '', homedir()].flatMap(withLinksResolved),
    };
    await limitIfAnswered(agent);
    await serve(agent);
  });
}

/** Returns the absolute path of a folder, and that behind its links. */
function withLinksResolved(folder: string): readonly string[] {
  const path = resolve(folder);
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

/** Without a worker, the ledger of the budget does not answer. The agent can read then, and each start checks the limit again. */
async function limitIfAnswered(agent: Agent): Promise<void> {
  try {
    await limitAccount(agent);
  } catch (error) {
    if (!(error instanceof CliError && error.exitCode === exitCodes.unreachable)) throw error;
    agent.terminal.note(`gpu-clouds: ${error.message}`);
  }
}

/** Bytes that the client may send without the end of a message. */
const maxMessageBytes = 10 * 1024 * 1024;

async function serve(agent: Agent): Promise<void> {
  const { terminal } = agent;
  const wire = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: maxMessageBytes });
  let isClosed = false;
  const served = serveStdio(() => createAgentServer(agent), {
    transport: wire,
    onerror({ message }) {
      // What closes the connection is reported once it has.
      queueMicrotask(() => isClosed || terminal.note(`gpu-clouds: ${message}`));
    },
  });
  const closed = new Promise<void>((resolve) => {
    const { onclose } = wire;
    wire.onclose = () => {
      isClosed = true;
      onclose?.();
      resolve();
    };
    terminal.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  terminal.note(`gpu-clouds: MCP server of the fleet ${agent.fleet} on standard input and output.`);
  try {
    if (!terminal.signal.aborted) await closed;
  } finally {
    await served.close();
  }
  if (terminal.signal.aborted || process.stdin.readableEnded || process.stdin.destroyed) return;
  throw new CliError(
    `The client sent more than ${maxMessageBytes / 2 ** 20} MiB in one message, so the server ended. Let the client start it again.`,
  );
}

function spendingOf({ allowSpend = false, maxCost, budget }: McpOptions): Spending | undefined {
  if (!allowSpend && maxCost === undefined && budget === undefined) return undefined;
  if (allowSpend && maxCost !== undefined && budget !== undefined) return { maxCost, budget };
  throw new CliError(
    'Set all of --allow-spend, --max-cost, and --budget, or none of them. Run "gpu-clouds mcp --help" for usage.',
    { exitCode: exitCodes.usage },
  );
}
