import { type Answer, bodyOf, ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf } from '../record.ts';
import type { Stock } from '../stock.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { balanceOf } from './account.ts';
import type { InstanceType } from './catalog.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { answerOfExample, type ExampleCall } from './job-container.ts';
import { change, priceOf, readOrder, type Serverless, serverlessView } from './serverless.ts';

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
export interface JobDeployment extends Serverless {
  /** `initializing` only with the fault `never-boots`: the document and the SDKs have no status for booting. */
  status: 'initializing' | 'running' | 'paused' | 'terminating';
  /** Jobs wait in the queue until this time, in milliseconds since 1970. */
  readonly readyAt: number;
  /** Lists omit the job deployment until this time, in milliseconds since 1970. */
  readonly listedAt: number;
  readonly jobs: Map<string, Job>;
}

/** The job deployments of the project. They are billed while their replicas run. */
export class JobDeployments {
  readonly #world: World;
  readonly #stock: Stock<InstanceType>;
  readonly #byName = new Map<string, JobDeployment>();

  constructor(world: World, stock: Stock<InstanceType>) {
    this.#world = world;
    this.#stock = stock;
  }

  handlers(): Handlers<OperationIds['verda']> {
    const one = ({ id }: Call) => this.found(id);
    const command = (act: (deployment: JobDeployment) => void) => (call: Call) => {
      act(one(call));
      return { status: 201 };
    };
    return {
      listJobDeployments: () => ok(this.#listed().map(shortView)),
      createJobDeployment: (call) => ok(view(this.#create(call)), 201),
      getJobDeployment: (call) => ok(view(one(call))),
      updateJobDeployment: (call) => {
        change(one(call), call.body, this.#stock);
        return ok(view(one(call)));
      },
      deleteJobDeployment: (call) => this.#remove(call, one(call)),
      getJobDeploymentScaling: (call) => ok(one(call).scaling),
      getJobDeploymentStatus: (call) => ok({ status: one(call).status }),
      purgeJobDeploymentQueue: command((deployment) => this.#purge(deployment)),
      pauseJobDeployment: command((deployment) => this.#pause(deployment, true)),
      resumeJobDeployment: command((deployment) => this.#pause(deployment, false)),
    };
  }

  all(): readonly JobDeployment[] {
    return [...this.#byName.values()];
  }

  #listed(): readonly JobDeployment[] {
    return this.all().filter(({ listedAt }) => listedAt <= this.#world.clock.now());
  }

  /** Returns a job deployment. @throws ErrorResponse 404 when the name is unknown */
  found(name: string): JobDeployment {
    const deployment = this.#byName.get(name);
    if (deployment === undefined) throw errorResponse('not_found', 'Deployment not found');
    return deployment;
  }

  /** Creates a job deployment. @throws ErrorResponse when the order is invalid, not paid for, or out of capacity */
  #create(call: Call): JobDeployment {
    const { clock, ledger, bootSeconds } = this.#world;
    const now = clock.now();
    const order = readOrder(call, this.#stock, now);
    const { name, compute } = order;
    if (this.#byName.has(name)) throw errorResponse('conflict', 'A deployment with this name already exists');
    if (balanceOf(this.#world) <= 0 || call.fault('no-funds') !== undefined)
      throw errorResponse('insufficient_funds', 'Insufficient funds');
    if (call.fault('out-of-capacity') !== undefined)
      throw errorResponse('service_unavailable', `Not enough resources to deploy ${compute.name}`);
    const lag = call.fault('list-lag');
    const listedAt = lag === undefined ? now : now + (lag.seconds ?? 5) * 1000;
    const status = call.fault('never-boots') === undefined ? 'running' : 'initializing';
    const readyAt = now + bootSeconds * 1000;
    const deployment: JobDeployment = { ...order, status, readyAt, listedAt, jobs: new Map() };
    this.#byName.set(name, deployment);
    ledger.open('jobDeployments', { vendor: 'verda', id: name, name });
    clock.after(bootSeconds * 1000, () => this.#startNext(deployment));
    return deployment;
  }

  /** Ends the running jobs at once. The job deployment is gone a quarter of the boot time later. */
  #remove(call: Call, deployment: JobDeployment): Answer {
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

  #pause(deployment: JobDeployment, paused: boolean): void {
    if (deployment.status !== 'terminating') deployment.status = paused ? 'paused' : 'running';
    this.#startNext(deployment);
  }

  /** Removes the jobs that no replica has started. */
  #purge(deployment: JobDeployment): void {
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
    if (deployment.status !== 'running' || clock.now() < deployment.readyAt) return;
    if (this.#running(deployment) >= maxReplicas) return;
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
    const price = priceOf(this.#stock, deployment.compute) * replicas;
    this.#world.ledger.reprice('jobDeployments', 'verda', deployment.name, price);
  }
}

const user = '0576ee4a-d45c-44b8-b2be-d8ad0347cb46';

function view(deployment: JobDeployment) {
  return { ...serverlessView(deployment), created_by_user_id: user };
}

function shortView(deployment: JobDeployment) {
  const { name, created_at, created_by_user_id, compute } = view(deployment);
  return { name, created_at, created_by_user_id, compute };
}
