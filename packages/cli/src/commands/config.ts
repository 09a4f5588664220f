import { credentialVariables, variablePrefix, vendors } from '@gpu-clouds/clouds/pure';
import { temporalConnection } from '@gpu-clouds/jobs';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { home, runStoreLocation } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

/** One setting. */
interface Setting {
  readonly name: string;
  /** Masked if it is secret. */
  readonly value: string;
  /** `environment`, the path of the settings file, or `default`. */
  readonly from: string;
}

/** Begins of the names of variables that this command and the worker read. */
const prefixes = ['GPU_CLOUDS_', 'TEMPORAL_', 'OTEL_', 'AWS_', ...vendors.map(variablePrefix)];
const secretNames = /(SECRET|TOKEN|KEY|KEYS|PASSWORD|HEADERS)(_ID)?$/;

/** Shows the settings that are in force, and where each comes from. Secrets are masked. */
export async function config({ json }: { readonly json?: boolean | undefined }, terminal: Terminal): Promise<void> {
  const settings = [...ownSettings(terminal), ...defaults(terminal)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (json) {
    terminal.out(JSON.stringify(settings));
    return;
  }
  const columns = [
    { title: 'SETTING', value: ({ name }: Setting) => name },
    { title: 'VALUE', value: ({ value }: Setting) => value, shrinkTo: 24 },
    { title: 'FROM', value: ({ from }: Setting) => shortPath(from), shrinkTo: 20, wraps: true },
  ];
  terminal.out(table(settings, columns, { columns: terminal.columns, style: styleOf(terminal) }));
  const missing = Object.entries(credentialVariables).filter(([, names]) => names.some((name) => !terminal.env[name]));
  for (const [vendor, names] of missing) terminal.note(`${vendor} has no credentials: set ${names.join(' and ')}.`);
}

/** Relative to the working directory, if it is below that. */
function shortPath(path: string): string {
  const below = `${process.cwd()}/`;
  return path.startsWith(below) ? path.slice(below.length) : path;
}

function ownSettings({ env, settingsFile }: Terminal): readonly Setting[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!value || !prefixes.some((prefix) => name.startsWith(prefix))) return [];
    const from = settingsFile?.names.includes(name) ? settingsFile.path : 'environment';
    return [{ name, value: masked(name, value), from }];
  });
}

/** Shows a secret's length only, and no password in a URL. */
function masked(name: string, value: string): string {
  if (secretNames.test(name)) return `(${value.length} characters)`;
  return value.replace(/(\/\/[^/@:\s]*):[^/@\s]+@/, '$1:…@');
}

function defaults(terminal: Terminal): readonly Setting[] {
  const { connection, namespace } = temporalConnection(terminal.env);
  const values = {
    TEMPORAL_ADDRESS: connection.address ?? '127.0.0.1:7233',
    TEMPORAL_NAMESPACE: namespace ?? 'default',
    GPU_CLOUDS_HOME: home(terminal),
    GPU_CLOUDS_RUNS: runStoreLocation(terminal),
    GPU_CLOUDS_FLEET: '(derived from the Temporal namespace)',
  };
  return Object.entries(values).flatMap(([name, value]) =>
    terminal.env[name] ? [] : [{ name, value, from: 'default' }],
  );
}
