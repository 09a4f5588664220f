import { ownVariablePrefixes } from '@gpu-clouds/jobs/worker';

/** A secret that a job names: its value, or one sentence on why the job does not get it. */
export type JobSecret = { readonly value: string } | { readonly refusal: string };

/** Where the values of jobs' secrets come from. */
export interface JobSecretOptions {
  /** Names that jobs may ask for. Default: those that `GPU_CLOUDS_JOB_SECRETS` lists, separated by commas. */
  readonly jobSecrets?: readonly string[] | undefined;
  /** The value of a secret that a job names. Default: the environment variable of that name, if it is among `jobSecrets`. */
  readonly secrets?: (name: string) => string | undefined;
  /** The environment in which the defaults are looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** They decide what code a process loads: ld.so(8), dyld(1). */
const loaderPrefixes = ['LD_', 'DYLD_'];
/** So do these, for shells and interpreters. */
const loaderNames: ReadonlySet<string> = new Set([
  ...['PATH', 'ENV', 'BASH_ENV', 'IFS', 'NODE_OPTIONS', 'NODE_PATH', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP'],
  ...['PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH', 'JAVA_TOOL_OPTIONS'],
]);

/**
 * Decides what jobs get of the worker's secrets: what is listed, and never the worker's own credentials nor what makes a process load other
 * code, whoever lists them.
 */
export function jobSecrets(options: JobSecretOptions): (name: string) => JobSecret {
  const { env = process.env, secrets } = options;
  const listed = options.jobSecrets ?? (secrets === undefined ? namesIn(env.GPU_CLOUDS_JOB_SECRETS) : undefined);
  const allowed = listed && new Set(listed);
  const lookUp = secrets ?? ((name) => (Object.hasOwn(env, name) ? env[name] : undefined));
  return (name) => {
    if (isNeverGiven(name)) {
      return { refusal: `${name} is never given to jobs: use another name, and set it from that one in the command.` };
    }
    if (allowed?.has(name) === false) {
      return { refusal: `${name} is not given to jobs: add it to GPU_CLOUDS_JOB_SECRETS in the worker's environment.` };
    }
    const value = lookUp(name);
    return value ? { value } : { refusal: `The worker does not have ${name}: set it in its environment.` };
  };
}

/** In capitals, since the environment of Windows knows no case. */
function isNeverGiven(name: string): boolean {
  const capitals = name.toUpperCase();
  const prefixes = [...ownVariablePrefixes, ...loaderPrefixes];
  return loaderNames.has(capitals) || prefixes.some((prefix) => capitals.startsWith(prefix));
}

function namesIn(list: string | undefined): readonly string[] {
  return (list ?? '').split(',').map((name) => name.trim());
}
