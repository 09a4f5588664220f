import { addToken, listTokens, removeToken, type TokenInfo, type TokenScope } from '@gpu-clouds/server';
import { CliError, exitCodes } from '../cli-error.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { runStore } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean | undefined;
}

/** Adds a token of the dashboard, and prints it once. */
export async function add(name: string, options: Options & { readonly scope: TokenScope }, terminal: Terminal) {
  const token = await addToken(await runStore(terminal), name, options.scope);
  if (options.json) terminal.out(JSON.stringify({ name, scope: options.scope, token }));
  else terminal.out(token);
  terminal.note('The token cannot be shown again: the run store has only its SHA-256.');
  if (options.scope === 'run') terminal.note(`It sees and ends the runs with the tag owner=${name}.`);
}

/** Lists the tokens of the dashboard, without their secrets. */
export async function list({ json }: Options, terminal: Terminal): Promise<void> {
  const tokens = await listTokens(await runStore(terminal));
  if (json) terminal.out(JSON.stringify(tokens));
  else if (tokens.length === 0) terminal.note('There are no tokens. Add one with "gpu-clouds tokens add NAME".');
  else
    terminal.out(
      table(
        tokens,
        [
          { title: 'NAME', value: (token: TokenInfo) => token.name, color: () => 'bold' },
          { title: 'SCOPE', value: ({ scope }) => scope },
          { title: 'ADDED', value: ({ createdAt }) => createdAt },
        ],
        { columns: terminal.columns, style: styleOf(terminal) },
      ),
    );
}

/**
 * Removes a token of the dashboard.
 * @throws {CliError} when there is none of this name
 */
export async function remove(name: string, { json }: Options, terminal: Terminal): Promise<void> {
  if (!(await removeToken(await runStore(terminal), name)))
    throw new CliError(`There is no token "${name}". Run "gpu-clouds tokens list" to list them.`, {
      exitCode: exitCodes.notFound,
    });
  if (json) terminal.out(JSON.stringify({ name, removed: true }));
  else terminal.note(`The token "${name}" is removed. Servers refuse it within five seconds.`);
}
