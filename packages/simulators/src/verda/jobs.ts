import { type Answer, bodyOf } from '../answer.ts';
import { isRecord, type JsonRecord, numberOf, recordOf, recordsOf, textOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { named } from './deployments.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { answerOfExample, type ExampleCall } from './job-container.ts';
import type { Stock } from './stock.ts';

/** A job submitted to a job deployment. */
export interface Job {
  readonly id: string;
  readonly call: ExampleCall;
  /** Status in the words of the vendor's SDK. */
  status: 'Queue' | 'Inference' | 'Completed';
  answer?: Answer;
  /** True while a replica runs it. */
  runs: boolean;
}

/** A job deployment: a container that runs once per submitted job. */
export interface JobDeployment {
  readonly name: string;
  readonly createdAt: number;
  /** URL to which jobs are submitted. */
  readonly endpoint: string;
  containers: JsonRecord[];
  compute: JsonRecord;
  scaling: JsonRecord;
  registry: JsonRecord;
  status: 'initializing' | 'ready' | 'paused' | 'terminating';
  /** Lists omit the job deployment until this time, in milliseconds since 1970. */
  listedAt: number;
  readonly jobs: Map<string, Job>;
}

/** Origin of the inference host, from the examples of the published document. */
export const inferenceOrigin = 'https://containers.datacrunch.io';

/** The job deployments of the project. They are billed while their replicas run. */
export class JobDeployments {
  readonly #world: World;
  readonly #stock: Stock;
  readonly #byName = new Map<string, JobDeployment>();

  constructor(world: World, stock: Stock) {
    this.#world = world;
    this.#stock = stock;
  }

  listed(): readonly JobDeployment[] {
    return [...this.#byName.values()].filter(({ listedAt }) => listedAt <= this.#world.clock.now());
  }

  /** Returns a job deployment. @throws ErrorResponse 404 when the name is unknown */
  found(name: string): JobDeployment {
    const deployment = this.#byName.get(name);
    if (deployment === undefined) throw errorResponse('not_found', 'Deployment not found');
    return deployment;
  }

  /** Creates a job deployment. @throws ErrorResponse when the order is invalid, not paid for, or out of capacity */
  create(call: Call): JobDeployment {
    const { body } = call;
    const name = textOf(body, 'name') ?? '';
    const compute = recordOf(body.compute);
    if (this.#byName.has(name)) throw errorResponse('conflict', 'A deployment with this name already exists');
    // From the vendor's command-line tool: verda-cloud/verda-cli, internal/verda-cli/cmd/serverless/shared.go.
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 63)
      throw errorResponse('invalid_request', 'name must be lower-case letters, digits and hyphens, at most 63');
    if (this.#priceOf(compute) === undefined) throw errorResponse('invalid_request', 'Invalid compute resource');
    if (this.#stock.balance() <= 0 || call.fault('no-funds') !== undefined)
      throw errorResponse('insufficient_funds', 'Insufficient funds');
    if (call.fault('out-of-capacity') !== undefined)
      throw errorResponse('service_unavailable', `Not enough resources to deploy ${compute.name}`);
    const { clock, ledger, bootSeconds } = this.#world;
    const now = clock.now();
    const lag = call.fault('list-lag');
    const deployment: JobDeployment = {
      name,
      createdAt: now,
      endpoint: `${originOf(call)}/${name}`,
      containers: recordsOf(body, 'containers').map((container, index) =>
        named(container, `${name}-${index}`, new Date(now).toISOString()),
      ),
      compute,
      scaling: recordOf(body.scaling),
      registry: recordOf(body.container_registry_settings),
      status: 'initializing',
      listedAt: lag === undefined ? now : now + (lag.seconds ?? 5) * 1000,
      jobs: new Map(),
    };
    this.#byName.set(name, deployment);
    ledger.open('jobDeployments', { vendor: 'verda', id: name, name });
    if (call.fault('never-boots') === undefined) {
      clock.after(bootSeconds * 1000, () => {
        if (deployment.status === 'initializing') deployment.status = 'ready';
      });
    }
    return deployment;
  }

  change(deployment: JobDeployment, body: JsonRecord): JobDeployment {
    const changes = recordsOf(body, 'containers');
    deployment.containers = deployment.containers.map((container) => {
      const change = changes.find((each) => each.name === container.name);
      const since = new Date(deployment.createdAt).toISOString();
      return change === undefined ? container : named({ ...container, ...change }, String(container.name), since);
    });
    if (isRecord(body.compute)) deployment.compute = body.compute;
    if (isRecord(body.scaling)) deployment.scaling = { ...deployment.scaling, ...body.scaling };
    if (isRecord(body.container_registry_settings)) deployment.registry = body.container_registry_settings;
    return deployment;
  }

  /** Ends the running jobs at once. The job deployment is gone a quarter of the boot time later. */
  remove(call: Call, deployment: JobDeployment): Answer {
    if (call.fault('delete-fails') !== undefined) return errorAnswer('server_error', 'Internal server error');
    if (deployment.status === 'terminating') return { status: 200 };
    deployment.status = 'terminating';
    this.#bill(deployment);
    this.#world.clock.after((this.#world.bootSeconds / 4) * 1000, () => {
      this.#byName.delete(deployment.name);
      this.#world.ledger.close('jobDeployments', 'verda', deployment.name);
    });
    return { status: 200 };
  }

  pause(deployment: JobDeployment, paused: boolean): void {
    if (deployment.status !== 'terminating') deployment.status = paused ? 'paused' : 'ready';
    this.#startNext(deployment);
  }

  /** Removes the jobs that no replica has started. */
  purge(deployment: JobDeployment): void {
    for (const job of deployment.jobs.values()) if (job.status === 'Queue') deployment.jobs.delete(job.id);
  }

  submit(deployment: JobDeployment, call: ExampleCall): Job {
    const job: Job = { id: this.#world.random.uuid(), call, status: 'Queue', runs: false };
    deployment.jobs.set(job.id, job);
    this.#world.ledger.countJob('verda', deployment.name);
    this.#startNext(deployment);
    return job;
  }

  /** Starts a replica for the next job. The replica ends when its container exits, or at the deadline. */
  #startNext(deployment: JobDeployment): void {
    const { clock, bootSeconds, ledger } = this.#world;
    const maxReplicas = numberOf(deployment.scaling, 'max_replica_count') ?? 1;
    if (deployment.status !== 'ready' || this.#running(deployment) >= maxReplicas) return;
    const next = [...deployment.jobs.values()].find(({ status }) => status === 'Queue');
    if (next === undefined) return;
    Object.assign(next, { status: 'Inference', runs: true });
    this.#bill(deployment);
    const { seconds, answer } = answerOfExample(next.call, clock);
    const deadline = numberOf(deployment.scaling, 'deadline_seconds') ?? Number.POSITIVE_INFINITY;
    clock.after((bootSeconds + Math.min(seconds, deadline)) * 1000, () => {
      if (deployment.status === 'terminating') return;
      next.runs = false;
      // The vendor's status of a job that exceeds its deadline is unknown: here it stays Inference.
      if (seconds <= deadline) {
        Object.assign(next, { status: 'Completed', answer });
        ledger.noteAnswer('verda', deployment.name, { status: answer.status, body: bodyOf(answer) });
      }
      this.#bill(deployment);
      this.#startNext(deployment);
    });
  }

  #running({ jobs }: JobDeployment): number {
    return [...jobs.values()].filter(({ runs }) => runs).length;
  }

  #bill(deployment: JobDeployment): void {
    const replicas = deployment.status === 'terminating' ? 0 : this.#running(deployment);
    const price = (this.#priceOf(deployment.compute) ?? 0) * replicas;
    this.#world.ledger.reprice('jobDeployments', 'verda', deployment.name, price);
  }

  #priceOf({ name, size }: JsonRecord): number | undefined {
    const type = this.#stock.types.find(({ model, gpu }) => model === name && gpu.count === size);
    return type === undefined ? undefined : type.pricePerHour * 1.1;
  }
}

/** Returns the origin for job submission: the host of the API request, or the real one without a Host header. */
function originOf({ headers }: Call): string {
  const host = headers.get('host');
  return host === null ? inferenceOrigin : `http://${host}`;
}
