/**
 * Manages the Temporal dev server of this repository: `node scripts/temporal-server.ts [--path | --start]`.
 * `--path` (the default) prints the path of its executable, and downloads it once if necessary. `--start` runs it until Ctrl-C,
 * with its web interface and a database in `.gpu-clouds/temporal.db`.
 */
import { resolveTemporalServer, startDevServer } from '@gpu-clouds/dev';

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(argument = '--path'): Promise<void> {
  if (argument === '--path') {
    process.stdout.write(`${(await resolveTemporalServer({ log })).path}\n`);
  } else if (argument === '--start') {
    const server = await startDevServer({ port: 7233, dbFile: '.gpu-clouds/temporal.db', ui: true, uiPort: 8233, log });
    process.stdout.write(
      `${JSON.stringify({ address: server.address, namespace: server.namespace, ui: server.uiUrl })}\n`,
    );
    await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    await server.close();
  } else {
    throw new Error(`Unknown argument "${argument}". Use --path or --start.`);
  }
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
