import type { Edit, Mutation } from './mutation.ts';

const remoteStep = 'workflows/src/ssh/remote-step.ts';
const earlierInstances = 'workflows/src/workflows/earlier-instances.ts';
const failureKinds = 'packages/jobs/src/failure-kinds.ts';
const leaseTime = 'workflows/src/workflows/lease-time.ts';
const destroyInstance = 'workflows/src/activities/destroy-instance.ts';
const createInstance = 'workflows/src/activities/create-instance.ts';
const transferScript = 'workflows/src/ssh/transfer-script.ts';
const scheduleClient = 'packages/jobs/src/client/schedule-client.ts';
const rankOffers = 'packages/clouds/src/rank-offers.ts';
const offerConstraints = 'packages/jobs/src/job/offer-constraints.ts';
const container = 'workflows/src/ssh/container.ts';
const checkpoints = 'workflows/src/activities/checkpoints.ts';
const notifyRun = 'workflows/src/workflows/notify-run.ts';

function edit(file: string, before: string, after: string): Edit {
  return { file, before, after };
}

/** The vendor's price of the instance without its disks replaces the price of the order. */
const bareVerdaPrice = [
  edit(
    'packages/clouds/src/verda/volume-prices.ts',
    'pricePerHour: roundedPrice(bare + disks) };',
    'pricePerHour: roundedPrice(bare + 0 * disks) };',
  ),
  edit(
    leaseTime,
    'const price = Math.max(this.#orderedPricePerHour, reportedPricePerHour);',
    'const price = reportedPricePerHour;',
  ),
];

/** Defects that the product had once, or that it would have without the mechanism that a fault class tests. */
export const mutations: readonly Mutation[] = [
  {
    defect: 'a disk drops out of the cap',
    edits: bareVerdaPrice,
    run: { kind: 'cap-cost', storage: 10_000 },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'nothing ends a run at its cost',
    edits: [
      edit(
        leaseTime,
        'return Math.min(this.#start + this.#maxSeconds * 1000, this.affordableUntil(maxDollars), this.deadline);',
        'return Math.min(this.#start + this.#maxSeconds * 1000, Math.max(this.affordableUntil(maxDollars), this.deadline));',
      ),
    ],
    // A minute of the cap, the two minutes that overCap tolerates, and some to spend.
    run: { kind: 'cap-cost', patienceSeconds: 230 },
    counter: 'overCap',
  },
  {
    defect: 'the price of a disk is not shown',
    edits: bareVerdaPrice,
    run: { storage: 10_000 },
    counter: 'wrongFigures',
  },
  {
    defect: 'one wrong answer ends a teardown',
    edits: [
      edit(
        'packages/clouds/src/absence.ts',
        'if (confirmed) return true;',
        'if (confirmed || polls >= 1) return true;',
      ),
    ],
    fault: 'wrong-answers',
    counter: 'orphaned',
  },
  {
    defect: 'an id becomes the hash of another one',
    edits: [
      edit('packages/clouds/src/instance-name.ts', 'return `0${(bits', 'return `${(bits'),
      edit(
        'workflows/src/workflows/ownership.ts',
        'if (from?.run === run) return undefined;',
        'if (from?.run) return undefined;',
      ),
    ],
    fault: 'colliding-ids',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a price is read once',
    edits: [
      edit(
        'workflows/src/activities/price-changes.ts',
        'if (counts > pricePerHour * steep) return true;',
        'if (counts > pricePerHour * steep) return false;',
      ),
    ],
    fault: 'price-change',
    run: { lines: 80 },
    counter: 'unreported',
  },
  {
    defect: 'no cap holds while Temporal is away',
    edits: [
      edit(
        'packages/jobs/src/reap/reap-decision.ts',
        'const overdue = clockAgrees &&',
        'const overdue = false && clockAgrees &&',
      ),
    ],
    fault: 'temporal-away',
    run: { kind: 'cap-duration' },
    counter: 'overdue',
  },
  {
    defect: 'a secret with the name of an inherited property is retried until the cap',
    edits: [
      edit(
        'workflows/src/activities/job-secrets.ts',
        '(Object.hasOwn(env, name) ? env[name] : undefined)',
        'env[name]',
      ),
    ],
    fault: 'odd-secret',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a file that grows is copied again until the cap',
    edits: [edit('workflows/src/ssh/transfer.ts', 'if (got < leastBytes)', 'if (got !== leastBytes)')],
    fault: 'growing-output',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a worker serves any fleet',
    edits: [edit('workflows/src/activities/prepare-job.ts', 'if (wanted === fleet) return;', 'if (wanted) return;')],
    fault: 'other-fleet',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a long Retry-After blocks a teardown',
    edits: [
      edit('packages/core/src/rate-limiter.ts', 'if (urgent) return turnMs', 'if (urgent && at < 0) return turnMs'),
      edit('packages/core/src/rate-limiter.ts', 'else if (waitMs > waiter.maxWaitMs &&', 'else if (waitMs < 0 &&'),
    ],
    fault: 'retry-after',
    counter: 'wrongOutcomes',
  },
  {
    defect: "a job gets the worker's credentials",
    edits: [
      edit(
        'workflows/src/activities/job-secrets.ts',
        'if (isNeverGiven(name)) {',
        'if (name === "" && isNeverGiven(name)) {',
      ),
    ],
    fault: 'forbidden-secret',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'text in the exit file counts as exit code 0',
    edits: [
      edit(
        'workflows/src/ssh/step-end.ts',
        'const code = /^\\d{1,3}$/.test(said) ? Number(said) : Number.NaN;',
        'const code = Number(said);',
      ),
    ],
    fault: 'forged-exit',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a secret in the exit file reaches the history',
    edits: [
      edit(
        'workflows/src/activities/run-step.ts',
        'const masked = Buffer.concat([mask.push(Buffer.from(said)), mask.end()]).toString();',
        'const masked = said;',
      ),
    ],
    fault: 'secret-in-exit',
    counter: 'secretsFound',
  },
  {
    defect: 'the answer of an instance is collected without a limit',
    edits: [
      edit(
        'workflows/src/ssh/ssh-session.ts',
        'const answerLimit = 1024 * 1024;',
        'const answerLimit = 1600 * 1024 * 1024;',
      ),
    ],
    fault: 'gpu-floods',
    run: { vendors: ['gpu-ai'] },
    counter: 'memoryOverLimit',
  },
  {
    defect: 'the body of an answer is read without a limit',
    edits: [
      edit(
        'packages/core/src/response-body.ts',
        'const maxBodyBytes = 10 * 1024 * 1024;',
        'const maxBodyBytes = 1024 * 1024 * 1024;',
      ),
    ],
    fault: 'huge-answers',
    counter: 'memoryOverLimit',
  },
  {
    defect: 'output is stored without a limit',
    edits: [
      edit(
        'workflows/src/activities/run-step.ts',
        'if (maxOutput === undefined) return {};',
        'if (maxOutput !== 0) return {};',
      ),
    ],
    fault: 'output-flood',
    counter: 'diskOverLimit',
  },
  {
    defect: 'of two secrets that begin alike, the end of the longer one leaks',
    edits: [
      edit(
        'workflows/src/ssh/secret-mask.ts',
        'return this.#patterns.flatMap((pattern) => occurrences(bytes, pattern.bytes));',
        'return this.#patterns.map((pattern) => occurrences(bytes, pattern.bytes)).find(({ length }) => length > 0) ?? [];',
      ),
    ],
    counter: 'secretsFound',
  },
  {
    defect: 'a secret that ends in a line break is not masked',
    edits: [
      edit(
        'workflows/src/ssh/secret-mask.ts',
        'return [whole, ...whole.split(/[\\r\\n]/)].map((part) => part.trim());',
        'return [whole];',
      ),
    ],
    counter: 'secretsFound',
  },
  {
    defect: 'what the shell prints at its start mixes with data',
    edits: [
      edit('workflows/src/ssh/framing.ts', 'if (this.#begun) return piece;', 'if (this.#begun || piece) return piece;'),
    ],
    fault: 'shell-noise',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'commands ignore SIGINT',
    edits: [edit(remoteStep, `sh -c 'exec > "$0/output"`, `sh -c 'trap "" INT; exec > "$0/output"`)],
    counter: 'wrongOutcomes',
  },
  {
    defect: 'commands inherit the umask 077',
    edits: [edit(remoteStep, 'umask "$mask"', 'umask 077')],
    counter: 'wrongOutcomes',
  },
  {
    defect: 'output that is no file is read without end',
    edits: [edit(remoteStep, 'size=$([ -f "$d/output" ] && wc -c', 'size=$(wc -c')],
    fault: 'forged-output',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a command that signals its group ends what watches it',
    edits: [
      edit(remoteStep, 'trap : HUP INT TERM\n', ''),
      edit(remoteStep, 'then set -- setsid "$@"', `then echo $$ > "$d/group"`),
    ],
    fault: 'kills-group',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a PID alone counts as the runner',
    edits: [edit(remoteStep, 'if [ "$2" = "$born" ]', 'if true')],
    fault: 'forged-pid',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'Python buffers its output',
    edits: [edit(remoteStep, 'export PYTHONUNBUFFERED=', 'export PYTHONBUFFERED=')],
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a pipeline fails and the command succeeds',
    edits: [edit(remoteStep, 'bash -eo pipefail', 'bash -e')],
    counter: 'wrongOutcomes',
  },
  {
    defect: 'the cause of a full disk is lost',
    edits: [edit('workflows/src/ssh/ssh-session.ts', '.slice(0, maxLines)', '.slice(maxLines)')],
    fault: 'instance-disk-full',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a download leaks a listener for each pause',
    edits: [edit('workflows/src/ssh/transfer.ts', "stream.off('drain', done).off('close', done);", '')],
    fault: 'large-output',
    counter: 'warnings',
  },
  {
    defect: 'a step starts again after its worker was killed',
    edits: [
      edit(remoteStep, '[ -d "$d/started" ] && { echo before; exit 0; }\n', ''),
      edit(remoteStep, 'problem=$(mkdir "$d/started" 2>&1)', 'problem=$(mkdir -p "$d/started" 2>&1)'),
    ],
    fault: 'worker-kill',
    run: { lines: 100 },
    counter: 'doubleRuns',
  },
  {
    defect: 'a worker that is replaced kills its steps',
    edits: [
      edit(
        'workflows/src/activities/run-step.ts',
        'const asked = error instanceof CancelledFailure && cancellationDetails()?.cancelRequested === true;',
        'const asked = true;',
      ),
    ],
    fault: 'worker-deploy',
    run: { lines: 100 },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a teardown ends when a delete fails',
    edits: [edit(destroyInstance, 'throw toFailure(error, { alwaysRetry: true });', 'return true;')],
    fault: 'delete-fails',
    counter: 'orphaned',
  },
  {
    defect: 'a teardown ends when the vendor is down',
    edits: [edit(destroyInstance, 'throw toFailure(error, { alwaysRetry: true });', 'return true;')],
    fault: 'vendor-errors',
    counter: 'orphaned',
  },
  {
    defect: 'a teardown gives up when the credentials are refused',
    edits: [edit(destroyInstance, 'throw toFailure(error, { alwaysRetry: true });', 'throw toFailure(error);')],
    fault: 'credentials-rotated',
    counter: 'orphaned',
  },
  {
    defect: 'a create whose answer is lost is repeated at once',
    edits: [
      edit(
        createInstance,
        'this.#mayHaveTakenEffect = mayHaveTakenEffect(error);\n      if (!this.#mayHaveTakenEffect) throw error;\n      const made',
        'const made',
      ),
      edit(
        createInstance,
        'return findAdoptable(await this.#cloud.listInstances(), ',
        'return findAdoptable((await this.#cloud.listInstances()).slice(0, 0), ',
      ),
      edit(createInstance, 'const until = now() + timing.consistencyWindowMs;', 'const until = now();'),
    ],
    fault: 'lost-response',
    counter: 'doubleCreates',
  },
  {
    defect: 'a create is repeated while the list lags',
    edits: [edit(createInstance, 'const until = now() + timing.consistencyWindowMs;', 'const until = now();')],
    fault: 'list-lag',
    counter: 'doubleCreates',
  },
  {
    defect: 'a leftover disk of an earlier create is kept',
    edits: [edit(createInstance, 'if (attempt > 1) await this.#destroyLeftoverVolumes();', '')],
    test: { file: 'workflows/src/activities/create-instance.test.ts' },
  },
  {
    defect: 'a run ends when one offer is sold out',
    edits: [
      edit(
        failureKinds,
        "'no-capacity': { meaning: 'no instance is available, or the offer is gone', next: 'next-offer' }",
        "'no-capacity': { meaning: 'no instance is available, or the offer is gone', next: 'end-run' }",
      ),
    ],
    fault: 'out-of-capacity',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a run ends when one instance fails to boot',
    edits: [
      edit(
        failureKinds,
        "the instance failed before it was ready', next: 'next-offer'",
        "the instance failed before it was ready', next: 'end-run'",
      ),
    ],
    fault: 'accepted-then-failed',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a run ends when one instance never boots',
    edits: [
      edit(
        failureKinds,
        "the instance did not become ready in time', next: 'next-offer'",
        "the instance did not become ready in time', next: 'end-run'",
      ),
    ],
    fault: 'never-boots',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a run ends when an instance is taken back',
    edits: [
      edit(
        failureKinds,
        "the instance is gone or stopped', next: 'next-offer'",
        "the instance is gone or stopped', next: 'end-run'",
      ),
    ],
    fault: 'preempt',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'output is stored again after SSH was cut',
    edits: [
      edit(
        'workflows/src/activities/run-step.ts',
        'output.isFull ? undefined : output.offset,',
        'output.isFull ? undefined : 0,',
      ),
    ],
    fault: 'ssh-drop',
    counter: 'lostOutputBytes',
  },
  {
    defect: 'a canceled run counts as failed',
    edits: [
      edit(
        'packages/jobs/src/client/job-client.ts',
        "was cancelled.`, 'cancelled', options",
        "was cancelled.`, 'failed', options",
      ),
    ],
    fault: 'cancel',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a teardown overtakes a create',
    edits: [
      edit(
        'workflows/src/workflows/activity-proxies.ts',
        "proxyActivities<Pick<VendorActivities, 'createInstance'>>({\n    ...waitOnCancel,",
        "proxyActivities<Pick<VendorActivities, 'createInstance'>>({\n    ...abandonOnCancel,",
      ),
      edit(
        destroyInstance,
        'const mayAppearForMs = lastCreateAt === undefined ? 0 : untilSettled(lastCreateAt, dependencies);',
        'const mayAppearForMs = lastCreateAt === undefined ? 0 : 0 * untilSettled(lastCreateAt, dependencies);',
      ),
    ],
    fault: 'cancel',
    run: { createSeconds: 20 },
    counter: 'orphaned',
  },
  {
    defect: 'a terminated run leaves its instance to itself',
    edits: [
      edit(
        'workflows/src/workflows/rented-instance.ts',
        'ParentClosePolicy.REQUEST_CANCEL',
        'ParentClosePolicy.ABANDON',
      ),
    ],
    fault: 'terminate',
    counter: 'orphaned',
  },
  {
    defect: 'an instance whose owner was terminated is left to the reaper',
    edits: [
      edit(
        'workflows/src/workflows/rented-instance.ts',
        "if (this.#end === 'owner-stopped')",
        "if (this.#end === 'released')",
      ),
    ],
    fault: 'terminate-owner',
    counter: 'orphaned',
  },
  {
    defect: 'a second instance of the name is not destroyed',
    edits: [
      edit(
        'packages/clouds/src/teardown.ts',
        'return this.#target.name !== undefined && haveSameOwner(name',
        "return this.#target.name === '' && haveSameOwner(name",
      ),
      edit(
        'workflows/src/activities/await-instance.ts',
        'found.name === instanceName && found.id !== instanceId',
        "found.name === '' && found.id !== instanceId",
      ),
    ],
    fault: 'late-second',
    counter: 'orphaned',
  },
  {
    defect: 'an instance with the name of another is not destroyed',
    edits: [
      edit(
        'packages/clouds/src/teardown.ts',
        'return this.#target.name !== undefined && haveSameOwner(name',
        "return this.#target.name === '' && haveSameOwner(name",
      ),
      edit(
        'workflows/src/activities/await-instance.ts',
        'found.name === instanceName && found.id !== instanceId',
        "found.name === '' && found.id !== instanceId",
      ),
    ],
    fault: 'name-reused',
    counter: 'orphaned',
  },
  {
    defect: 'a job runs on an instance that lacks its GPU',
    edits: [
      edit(
        'workflows/src/ssh/gpu-check.ts',
        "if (gpus.length >= count && problem === '') return;",
        'if (gpus.length >= 0) return;',
      ),
    ],
    fault: 'gpu-missing',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'an instance that was renamed is not destroyed',
    edits: [edit(destroyInstance, 'instanceIds: instanceId === undefined ? [] : [instanceId],', 'instanceIds: [],')],
    fault: 'renamed',
    counter: 'leaked',
  },
  {
    defect: 'a command that a reboot ended is waited for',
    edits: [edit(remoteStep, 'if [ $nobody -gt $', 'if false && [ $nobody -gt $')],
    fault: 'reboot',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'the reaper of a restored database destroys what it does not know',
    edits: [
      edit(
        'packages/jobs/src/reap/reap-decision.ts',
        "if (owner === 'not-found') return",
        'if (owner === undefined) return',
      ),
    ],
    fault: 'temporal-clone',
    counter: 'reapedAlive',
  },
  {
    defect: 'a worker goes by its own clock',
    edits: [
      edit(
        'workflows/src/activities/create-activities.ts',
        'now: options.now ?? temporalNow,',
        'now: options.now ?? Date.now,',
      ),
      edit(
        failureKinds,
        "meaning: 'the instance did not become ready in time', next: 'next-offer' }",
        "meaning: 'the instance did not become ready in time', next: 'end-run' }",
      ),
    ],
    fault: 'clock-skew',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'an instance is reached with the newest master secret only',
    edits: [
      edit(
        'packages/jobs/src/ssh/master-keys.ts',
        'const found = id === undefined ? keys[0] : keys.find((key) => key.id === id);',
        'const found = keys[0];',
      ),
    ],
    fault: 'secret-rotated',
    run: { lines: 160 },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'output is lost while the disk of the worker is full',
    edits: [
      edit(
        'workflows/src/activities/stored-output.ts',
        'await runs.writeOutput(output, begin + this.#offset, bytes);',
        'await runs.writeOutput(output, begin + this.#offset, bytes).catch(() => undefined);',
      ),
    ],
    fault: 'worker-disk-full',
    counter: 'lostOutputBytes',
  },
  {
    defect: 'a run ends when a vendor asks to wait',
    edits: [
      edit('packages/core/src/retry.ts', 'status === 408 || status === 429 ||', 'status === 408 ||'),
      edit(
        failureKinds,
        "'rate-limited': { meaning: 'too many requests', next: 'next-offer', retryCall: true },",
        "'rate-limited': { meaning: 'too many requests', next: 'end-run' },",
      ),
    ],
    fault: 'rate-limit',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a slow answer is no answer',
    edits: [
      edit(
        'packages/core/src/create-client.ts',
        'timeoutMs: 30_000,\n    maxRetries: 2,',
        'timeoutMs: 2_000,\n    maxRetries: 0,',
      ),
      edit(
        failureKinds,
        "meaning: 'the vendor or the network failed', next: 'next-offer', retryCall: true }",
        "meaning: 'the vendor or the network failed', next: 'end-run' }",
      ),
    ],
    fault: 'latency',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'an answer that cannot be read ends the run',
    edits: [
      edit('packages/core/src/create-client.ts', 'maxRetries: 2,', 'maxRetries: 0,'),
      edit(
        failureKinds,
        "meaning: 'the vendor or the network failed', next: 'next-offer', retryCall: true }",
        "meaning: 'the vendor or the network failed', next: 'end-run' }",
      ),
    ],
    fault: 'odd-answers',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a run that was reset forgets what it rented',
    edits: [edit(earlierInstances, '.signal(releaseSignal, { run })', ".signal(releaseSignal, { run: '' })")],
    fault: 'reset',
    counter: 'leaked',
  },
  {
    defect: 'a run that was reset leaves out what it cost before',
    edits: [edit(earlierInstances, ': ended.until;', ': ended.since;')],
    test: { file: 'workflows/test/reset.test.ts', name: 'a run that is reset, and' },
  },
  {
    defect: 'an instance that refuses SSH while it boots is given up',
    edits: [
      edit(
        'workflows/src/activities/await-ssh.ts',
        'if (now() - createdAt > timing.bootTimeoutMs)',
        'if (now() - createdAt > 0)',
      ),
      edit(
        failureKinds,
        "meaning: 'the instance did not become ready in time', next: 'next-offer' }",
        "meaning: 'the instance did not become ready in time', next: 'end-run' }",
      ),
    ],
    fault: 'ssh-refuses',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'the local Temporal server forgets its runs when it restarts',
    edits: [
      edit(
        'packages/dev/src/dev-server/start-dev-server.ts',
        "['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF']",
        '[]',
      ),
    ],
    fault: 'server-kill',
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a downloaded file is not verified',
    edits: [edit(transferScript, '[ -n "$sha" ] || break', 'break')],
    fault: 'file-server',
    run: { features: ['files-from-elsewhere'] },
    counter: 'wrongFiles',
  },
  {
    defect: 'a file that is sent arrives empty',
    edits: [
      edit(transferScript, 'with_curl -o /dev/null -T "$body"', ': > "$d/none"; with_curl -o /dev/null -T "$d/none"'),
    ],
    run: { features: ['files-from-elsewhere'] },
    counter: 'wrongFiles',
  },
  {
    defect: 'a signed link is an argument of curl',
    edits: [edit(transferScript, 'curl -q -K - -sS', 'curl -q -K - -A "$u" -sS')],
    run: { features: ['files-from-elsewhere'] },
    counter: 'secretsFound',
  },
  {
    defect: 'a signed link stays on the instance',
    edits: [edit(transferScript, 'with_curl() {', 'with_curl() { printf %s "$u" > "$d/link";')],
    run: { features: ['files-from-elsewhere'] },
    counter: 'secretsFound',
  },
  {
    defect: 'a schedule is triggered twice',
    edits: [
      edit(
        scheduleClient,
        'await orNotFound(name, schedule.trigger(before.policies.overlap));',
        'for (const _ of [1, 2]) await orNotFound(name, schedule.trigger(before.policies.overlap));',
      ),
    ],
    run: { features: ['scheduled'] },
    counter: 'wrongSchedules',
  },
  {
    defect: 'a schedule that is removed stays',
    edits: [
      edit(scheduleClient, 'remove: () => orNotFound(name, schedule.delete()),', 'remove: async () => undefined,'),
    ],
    run: { features: ['scheduled'] },
    counter: 'wrongSchedules',
  },
  {
    defect: 'a run on a lease rents an instance of its own',
    edits: [edit('packages/jobs/src/client/job-client.ts', 'lease: options.on?.id }', 'lease: undefined }')],
    run: { features: ['on-lease'] },
    counter: 'wrongLeases',
  },
  {
    defect: 'the first run that ends releases its lease',
    edits: [
      edit(
        'workflows/src/workflows/lease-users.ts',
        'this.#queue.leave(user);\n',
        'this.#queue.leave(user);\n    this.#ownership.release();\n',
      ),
    ],
    run: { features: ['on-lease'] },
    counter: 'wrongLeases',
  },
  {
    defect: 'runs on a lease have the same folder',
    edits: [edit('packages/jobs/src/lease/lease-queue.ts', 'return `run-', "return 'run' || `run-")],
    run: { features: ['on-lease'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'two runs on a lease get the same GPUs',
    edits: [
      edit('packages/jobs/src/lease/lease-queue.ts', 'filter((index) => !taken.has(index))', 'filter(() => true)'),
    ],
    run: { features: ['on-lease'] },
    counter: 'wrongLeases',
  },
  {
    defect: 'the vendors that a job names are not kept to',
    edits: [
      edit(offerConstraints, 'spot, gpu, vendors, minGpuMemory,', 'spot, gpu, vendors: undefined, minGpuMemory,'),
    ],
    counter: 'wrongInstances',
  },
  {
    defect: 'the vendors that a job excludes are used',
    edits: [edit(offerConstraints, '    notVendors,\n', '    notVendors: undefined,\n')],
    run: { features: ['excludes-vendors'] },
    counter: 'wrongInstances',
  },
  {
    defect: 'the regions of a job are ignored',
    edits: [edit(offerConstraints, '    regions,\n', '    regions: undefined,\n')],
    run: { constraints: { regions: ['us-west', 'us-east-1', 'Canada', 'FIN-03'] } },
    counter: 'wrongInstances',
  },
  {
    defect: 'the memory of a GPU is not compared',
    edits: [
      edit(rankOffers, 'atLeast(offer.gpuMemory, constraints.minGpuMemory)', 'atLeast(offer.gpuMemory, undefined)'),
    ],
    run: { constraints: { minGpuMemory: 40 } },
    counter: 'wrongInstances',
  },
  {
    defect: 'the number of vCPUs is not compared',
    edits: [edit(rankOffers, "['vcpus', minVcpus],", "['vcpus', undefined],")],
    run: { constraints: { minVcpus: 14 } },
    counter: 'wrongInstances',
  },
  {
    defect: 'the main memory is not compared',
    edits: [edit(rankOffers, "['memory', minMemory],", "['memory', undefined],")],
    run: { features: ['alternatives'], constraints: { minMemory: 64 } },
    counter: 'wrongInstances',
  },
  {
    defect: 'the password of a registry is an argument',
    edits: [edit(container, '--password-stdin', '--password-stdin --label "$auth"')],
    run: { features: ['private-image'] },
    counter: 'secretsFound',
  },
  {
    defect: 'a registry gets the name of the user in its password',
    edits: [edit(container, `printf %s "\\\${auth#*:}"`, 'printf %s "$auth"')],
    run: { features: ['private-image'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a container on a lease has all GPUs',
    edits: [
      edit(
        container,
        'else set -- "$@" --gpus ${share === undefined ? \'all\' :',
        'else set -- "$@" --gpus ${share ? \'all\' :',
      ),
    ],
    run: { features: ['on-lease', 'container'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a schedule starts a run although it is to skip',
    edits: [
      edit(
        scheduleClient,
        'const policies = { overlap: overlaps[overlap],',
        "const policies = { overlap: overlaps['allow-all'],",
      ),
    ],
    run: { features: ['scheduled'], lines: 100 },
    counter: 'wrongSchedules',
  },
  {
    defect: 'a schedule has no time zone and no jitter',
    edits: [
      edit(
        scheduleClient,
        'const spec = { cronExpressions: [cron], timezone, jitter: durationSeconds(jitter) * 1000 };',
        "const spec = { cronExpressions: [cron], timezone: timezone.slice(0, 0) || 'UTC', jitter: 0 * jitter.length };",
      ),
    ],
    run: {
      features: ['scheduled'],
      schedule: {
        overlap: 'buffer-one',
        timezone: 'Asia/Kolkata',
        jitterSeconds: 5,
        catchUpSeconds: 900,
        atItsTime: false,
      },
    },
    counter: 'wrongSchedules',
  },
  {
    defect: 'a schedule always catches up for ten minutes',
    edits: [
      edit(
        scheduleClient,
        'catchupWindow: durationSeconds(catchUp) * 1000 };',
        "catchupWindow: durationSeconds('10m') * (catchUp === '' ? 1 : 1000) };",
      ),
    ],
    run: {
      features: ['scheduled'],
      schedule: { overlap: 'skip', timezone: 'UTC', jitterSeconds: 0, catchUpSeconds: 3600, atItsTime: false },
    },
    counter: 'wrongSchedules',
  },
  {
    defect: 'idle GPUs stop no command',
    edits: [
      edit(
        'workflows/src/workflows/job-run.ts',
        "job.limits.idleGpu?.then !== 'stop' ||",
        "job.limits.idleGpu?.then !== 'warn' ||",
      ),
    ],
    run: { kind: 'idle-gpu' },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a webhook that is for failures only hears of a success',
    edits: [edit(notifyRun, '({ on }) => on.includes(outcome) ||', '({ on }) => on.length > 0 ||')],
    run: { features: ['notifies', 'notifies-failures-only'] },
    counter: 'wrongNotices',
  },
  {
    defect: 'a webhook that is for caps only does not hear of one',
    edits: [edit(notifyRun, "(overBudget && on.includes('over-budget'))", '(overBudget && on.length === 0)')],
    run: { kind: 'cap-duration', features: ['notifies-slack'] },
    counter: 'wrongNotices',
  },
  {
    defect: 'a webhook of Slack gets the form of the others',
    edits: [
      edit(
        'workflows/src/activities/send-notification.ts',
        "webhook.format === 'slack' ?",
        "webhook.format !== 'json' && id === '' ?",
      ),
    ],
    run: { features: ['notifies-slack'] },
    counter: 'wrongNotices',
  },
  {
    defect: 'a command that failed is not run again',
    edits: [
      edit(
        'workflows/src/workflows/attempts.ts',
        'exitCode === 0 || attempt > attempts',
        'exitCode === 0 || attempt >= attempts',
      ),
    ],
    run: { kind: 'exit-code', features: ['runs-again', 'same-instance'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'the output of a further attempt is stored with that of the first',
    edits: [
      edit(
        'workflows/src/workflows/job-run.ts',
        '    const { attempt } = this;',
        '    const attempt = Math.min(this.attempt, 1);',
      ),
    ],
    run: { kind: 'exit-code', features: ['runs-again', 'same-instance'] },
    counter: 'lostOutputBytes',
  },
  {
    defect: 'an exit code that a job does not list is retried',
    edits: [
      edit(
        'workflows/src/workflows/attempts.ts',
        'return exitCodes === undefined || exitCodes.includes(exitCode);',
        'return exitCodes === undefined || exitCodes.length > 0;',
      ),
    ],
    run: { kind: 'exit-code', features: ['runs-again', 'other-exit-codes'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'an exit code that a job lists is not retried',
    edits: [
      edit(
        'workflows/src/workflows/attempts.ts',
        'return exitCodes === undefined || exitCodes.includes(exitCode);',
        'return exitCodes === undefined;',
      ),
    ],
    run: { kind: 'exit-code', features: ['runs-again', 'same-instance'] },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a cheaper alternative goes before an earlier one',
    edits: [edit(rankOffers, "constraints.prefer === 'price' ?", "constraints.prefer !== 'price' || unique ?")],
    run: { features: ['alternatives'] },
    counter: 'wrongInstances',
  },
  {
    defect: 'an earlier alternative goes before a cheaper one',
    edits: [edit(rankOffers, "constraints.prefer === 'price' ?", "constraints.prefer === 'price' && !unique ?")],
    run: { features: ['alternatives', 'prefers-price'] },
    counter: 'wrongInstances',
  },
  {
    defect: 'idle GPUs that are only to be shown stop the command',
    edits: [
      edit(
        'workflows/src/workflows/job-run.ts',
        "job.limits.idleGpu?.then !== 'stop' ||",
        'job.limits.idleGpu === undefined ||',
      ),
    ],
    run: { kind: 'idle-warned' },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'idle GPUs are not shown',
    edits: [
      edit('workflows/src/workflows/job-run.ts', '(idleGpus) => this.record.change({ idleGpus }),', '() => undefined,'),
    ],
    run: { kind: 'idle-warned' },
    counter: 'wrongOutcomes',
  },
  {
    defect: 'a checkpoint is not restored',
    edits: [
      edit(
        'workflows/src/workflows/instance-mode.ts',
        'if (run.beginsAgain) await restore(run, nodes);',
        'if (!run.beginsAgain) await restore(run, nodes);',
      ),
    ],
    run: { kind: 'resumes' },
    counter: 'wrongCheckpoints',
  },
  {
    defect: 'the oldest checkpoint is restored',
    edits: [
      edit(
        checkpoints,
        'const at = (await savedAt(dependencies, run)).at(-1);',
        'const at = (await savedAt(dependencies, run)).at(0);',
      ),
      edit(checkpoints, 'if (saved) await', 'if (!saved) await'),
    ],
    run: { kind: 'resumes' },
    counter: 'wrongCheckpoints',
  },
  {
    defect: 'a checkpoint is cut',
    edits: [
      edit(
        'workflows/src/ssh/transfer.ts',
        '--warning=no-timestamp tar -xof - -C "$t"`',
        '--warning=no-timestamp tar -xof - -C "$t"; for f in "$t"/saved; do [ ! -f "$f" ] || truncate -s 60000 "$f"; done`',
      ),
    ],
    run: { kind: 'resumes' },
    counter: 'wrongCheckpoints',
  },
  {
    defect: 'a checkpoint of another run is restored',
    edits: [
      edit(checkpoints, 'const { run, instance } = input;', "const { instance } = input;\n    const run = 'shared';"),
      edit(checkpoints, 'const before = await', "run = 'shared';\n  const before = await"),
    ],
    run: { kind: 'resumes' },
    counter: 'wrongCheckpoints',
  },
  {
    defect: 'a teardown destroys what others own',
    edits: [
      edit(
        'packages/clouds/src/teardown.ts',
        'return this.#target.name !== undefined && haveSameOwner(name, this.#target.name);',
        'return this.#target.name !== undefined;',
      ),
    ],
    fault: 'shared-account',
    counter: 'bystandersHarmed',
  },
  {
    defect: 'the reaper looks up one owner after the other',
    edits: [edit('packages/jobs/src/reap/owners.ts', 'const concurrency = 50;', 'const concurrency = 1;')],
    test: { file: 'packages/jobs/src/reap/owners.test.ts' },
  },
  {
    defect: 'a job uploads files from anywhere',
    edits: [
      edit('packages/jobs/src/job/job-folder.ts', 'return !isAbsolute(rest) &&', 'return true || isAbsolute(rest) ||'),
    ],
    test: { file: 'packages/jobs/src/job/parse-job.test.ts' },
  },
  {
    defect: 'output controls the terminal',
    edits: [
      edit(
        'packages/cli/src/output/terminal-text.ts',
        'return text.replace(controls, (found) => {',
        'return text.replace(/(?!)/gu, (found) => {',
      ),
    ],
    test: { file: 'packages/cli/src/output/terminal-text.test.ts' },
  },
  {
    defect: 'a password as master secret is not stretched',
    edits: [
      edit(
        'packages/jobs/src/ssh/master-keys.ts',
        "?? scryptSync(secret.normalize(), 'gpu-clouds master secret', minBytes, cost);",
        "?? scryptSync(secret.normalize(), 'gpu-clouds master secret', minBytes, { ...cost, N: 2 });",
      ),
    ],
    test: { file: 'packages/jobs/src/ssh/derive-key.test.ts' },
  },
  {
    defect: 'a job is sent to another job deployment',
    edits: [
      edit(
        'packages/jobs/src/job/container-schema.ts',
        ".refine((path) => !/\\/(\\.|%2e){1,2}(\\/|\\?|$)/i.test(path.replace(/%2f/gi, '/')), 'use a path without . and ..');",
        ".refine(() => true, 'use a path without . and ..');",
      ),
    ],
    test: { file: 'packages/jobs/src/job/parse-job.test.ts' },
  },
  {
    defect: 'the inference key is sent to any host',
    edits: [
      edit(
        'packages/clouds/src/verda/inference-gateway.ts',
        "const isVerdas = protocol === 'https:' && hostname === 'containers.datacrunch.io';",
        'const isVerdas = true;',
      ),
    ],
    test: { file: 'packages/clouds/src/verda/job-deployments.test.ts' },
  },
  {
    defect: 'two signals are under way at once, and may arrive in the wrong order',
    edits: [
      edit(
        'workflows/src/workflows/ordered-signals.ts',
        'const sent = this.#last.then(() =>',
        'const sent = Promise.resolve().then(() =>',
      ),
    ],
    test: { file: 'workflows/test/release.test.ts', name: 'of one moment' },
  },
  {
    defect: 'a run that is reset takes the GPUs that a lease granted before',
    edits: [edit('workflows/src/workflows/on-lease.ts', 'if (!this.#asked) return;', '')],
    test: { file: 'workflows/test/on-lease.test.ts', name: 'a run that is reset' },
  },
  {
    defect: 'an owner that is reset takes the decision that the budget made before',
    edits: [edit('workflows/src/workflows/budget-requests.ts', 'this.#decision = undefined;', '')],
    test: { file: 'workflows/test/budget.test.ts', name: 'a lease that is reset' },
  },
  {
    defect: 'others read the home folder',
    edits: [
      edit(
        'packages/cli/src/settings.ts',
        'await chmod(home(terminal), 0o700);',
        'await chmod(home(terminal), 0o755);',
      ),
    ],
    test: { file: 'packages/cli/src/ssh-files.test.ts' },
  },
  {
    defect: 'a progress bar of several nodes is shown at its end',
    edits: [
      edit(
        'packages/cli/src/output/copy-output.ts',
        'Math.max(rest.lastIndexOf(newline), rest.lastIndexOf(carriageReturn)) + 1;',
        'rest.lastIndexOf(newline) + 1;',
      ),
    ],
    test: { file: 'packages/cli/src/output/copy-output.test.ts' },
  },
  {
    defect: 'a login shell that is not POSIX reads the script',
    edits: [edit('workflows/src/ssh/framing.ts', "commandLine: `exec sh -c '", "commandLine: `exec $SHELL -c '")],
    test: { file: 'workflows/test/openssh/openssh.test.ts', name: 'exact if the login shell is (tcsh|fish)' },
  },
  {
    defect: 'a patch that does not fit is ignored',
    edits: [
      edit(
        'packages/openapi-overlay/src/apply.ts',
        "if (report.status === 'applied') return [];",
        'if (report.status) return [];',
      ),
    ],
    test: { file: 'packages/openapi-overlay/src/apply.test.ts' },
  },
];
