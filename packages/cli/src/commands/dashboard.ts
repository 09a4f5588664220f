import type { RunningServer } from '@gpu-clouds/server';
import { startServer } from '@gpu-clouds/server';
import type { Client } from '@temporalio/client';
import { CliError } from '../cli-error.ts';
import { listOffers } from '../list-offers.ts';
import { fleetOf, runStore } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface DashboardOptions {
  /** Address to listen on. */
  readonly host: string;
  readonly port?: number | undefined;
  /** Host names that requests may be for. */
  readonly allowHost?: readonly string[] | undefined;
  /** Address of Temporal's web interface. */
  readonly temporalUi?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Serves the dashboard and its HTTP API until the signal of the terminal aborts.
 * @throws {CliError} when Temporal does not answer
 * @throws {ServerError} when the server cannot listen
 */
export async function dashboard(options: DashboardOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const server = await startDashboard(client, options, terminal);
    try {
      if (options.json) terminal.out(JSON.stringify({ url: server.url, dashboardUrl: server.dashboardUrl }));
      else terminal.out(`dashboard\n${server.dashboardUrl}`);
      terminal.note('Press Ctrl-C to stop.');
      if (terminal.signal.aborted) return;
      await new Promise<void>((resolve) => {
        terminal.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await server.close();
    }
  });
}

/** Starts the server of the dashboard with the settings of the terminal. */
export async function startDashboard(
  client: Client,
  { host, port, allowHost, temporalUi }: Omit<DashboardOptions, 'json'>,
  terminal: Terminal,
): Promise<RunningServer> {
  return startServer({
    client,
    host,
    port,
    temporalUi,
    hosts: allowHost,
    fleet: await fleetOf(terminal, client),
    runs: await runStore(terminal),
    async offers() {
      const notes: string[] = [];
      const note = (line: string) => notes.push(line.replace(/^gpu-clouds: /, ''));
      try {
        return { offers: await listOffers(undefined, { ...terminal, note }), notes };
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        return { offers: [], notes: [...notes, error.message] };
      }
    },
    log: (line) => terminal.note(`gpu-clouds: ${line}`),
  });
}
