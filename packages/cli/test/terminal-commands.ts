/** A command line for a terminal, and what it must show there. */
export interface TypedCommand {
  readonly args: string;
  readonly shows: RegExp;
  /** Its exit code. Default: 0. */
  readonly code?: number | undefined;
}

/**
 * Lists one use of each command that ends by itself, in an order in which each does what it shows.
 * @param name Begins the names of what the commands make.
 */
export function typedCommands(name: string): readonly TypedCommand[] {
  const commands: readonly (readonly [args: string, shows: RegExp, code?: number])[] = [
    ['offers --gpu L40S --limit 3', /L40S/],
    ['config', /^TEMPORAL_ADDRESS +127/m],
    ['doctor', /^✓ temporal /m],
    ['completion fish', /__complete/],
    ['init --yes', /^wrote job\.yaml$/m],
    ['upload job.yaml', /^[0-9a-f]{64}$/m],
    ['budget set 1000/day', /\$1000\.00 per day/],
    ['budget show', /LIMIT|\$1000\.00/],
    ['budget off', /./],
    [`tokens add ${name} --scope run`, /gpuc_/],
    ['tokens list', new RegExp(`^${name} +run`, 'm')],
    [`tokens remove ${name}`, /./],

    [
      `run --gpu L40S --yes --id ${name} --tag team=vision --download made -- 'echo hello | tee made'`,
      /^hello$(.*\n)*.*succeeded in/m,
    ],
    ['ps --all', new RegExp(`^${name} +succeeded`, 'm')],
    [`show ${name}`, /Cost by phase\nPHASE +FOR +COST\n/],
    [`logs ${name}`, /^hello$/m],
    [`outputs ${name}`, /^ +6 B +made$/m],
    [`wait ${name}`, /succeeded/],
    [`stop ${name}`, /had already ended/],
    [`cancel ${name}`, /had already ended/],
    ['cost --by tag --tag team', /^vision +\d+ +/m],

    [`schedule add job.yaml --cron '0 23 31 12 *' --name ${name}-nightly`, /next at 20/],
    ['schedule list', new RegExp(`^${name}-nightly +0 23 31 12`, 'm')],
    [`schedule pause ${name}-nightly`, /./],
    [`schedule resume ${name}-nightly`, /./],
    [`schedule run ${name}-nightly`, new RegExp(`^${name}-nightly-`, 'm')],
    [`schedule remove ${name}-nightly`, /./],

    [`up --gpu L40S --yes --name ${name}-lease`, /log in: gpu-clouds ssh/],
    ['ls', new RegExp(`^${name}-lease +ready`, 'm')],
    [`extend ${name}-lease 2h`, /./],
    [`ssh ${name}-lease --print`, /^ssh -F /m],
    ['ssh-config', new RegExp(`^Host ${name}-lease$`, 'm')],
    [`exec ${name}-lease -- nvidia-smi -L`, /^GPU 0: /m],
    [`cp job.yaml ${name}-lease:job.yaml`, /./],
    [`batch run batch.yaml --id ${name}-batch --yes`, /ITEM +RUN +CODE/],
    ['batch list --all', new RegExp(`^${name}-batch +`, 'm')],
    [`batch status ${name}-batch`, /1 of 1 ended/],
    [`batch results ${name}-batch`, /ITEM +RUN +CODE/],
    [`batch drain ${name}-batch`, /has already ended\./, 3],
    [`batch cancel ${name}-batch`, /already ended/],
    [`down ${name}-lease`, /is gone\.$/m],

    ['reaper start', /every 5m/],
    ['reaper run', /0 destroyed/],
    ['reaper status', /every 5m/],
    ['reaper pause', /is paused/],
    ['reaper resume', /./],
    ['reaper remove', /./],
    ['reap --dry-run', /./],
  ];
  return commands.map(([args, shows, code]) => ({ args, shows, code }));
}

/** Lists the commands that run until they are ended. */
export const servingCommands: readonly TypedCommand[] = [
  { args: 'worker --no-reaper', shows: /^worker ready for gpu-ai, .* press Ctrl-C to stop\s+it$/m },
  { args: 'dashboard', shows: /#token=(.*\n)+Press Ctrl-C to stop\.$/m },
  { args: 'dev --no-ui', shows: /^verda \(simulated\) http(.*\n)+Press Ctrl-C to stop\.$/m },
];
