import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import {
  type Extension,
  type InstanceConnection,
  type InstanceEnd,
  type InstanceRequest,
  mustEndByMemo,
  pricesMemo,
  type Release,
} from '@gpu-clouds/jobs/contract';
import { condition, setHandler, upsertMemo } from '@temporalio/workflow';
import { finalFailure } from '../final-failure.ts';
import { BudgetShare } from './budget-share.ts';
import { connectionQuery, extendUpdate, releaseUpdate } from './instance-messages.ts';
import { InstanceProvision } from './instance-provision.ts';
import { JobDeploymentProvision } from './job-deployment-provision.ts';
import { LeaseIdleness } from './lease-idleness.ts';
import { LeaseTime } from './lease-time.ts';
import { LeaseUsers } from './lease-users.ts';
import { Ownership } from './ownership.ts';
import type { Provision } from './provision.ts';

/** The state of one `instance` workflow. The instance name is known from the first line on, so teardown works from there on. */
export class Lease {
  readonly #request: InstanceRequest;
  readonly #ownership: Ownership;
  readonly #time: LeaseTime;
  readonly #budget: BudgetShare;
  readonly #provision: Provision;
  readonly #users: LeaseUsers;
  readonly #idleness: LeaseIdleness;
  #mayExist = false;
  #end: InstanceEnd | undefined;

  constructor(request: InstanceRequest) {
    this.#request = request;
    this.#ownership = new Ownership(request);
    this.#ownership.handleMessages();
    this.#time = new LeaseTime(request);
    this.#budget = new BudgetShare(request, this.#time);
    const owner = { request, ownership: this.#ownership, time: this.#time };
    const { deployment } = request;
    this.#provision =
      deployment === undefined ? new InstanceProvision(owner) : new JobDeploymentProvision(owner, deployment);
    this.#users = new LeaseUsers(request, this.#ownership, this.#time);
    this.#idleness = new LeaseIdleness(request, this.#ownership, this.#users);
    this.#handleMessages();
  }

  /** Creates it, and returns why it ended: by itself, by a release, or at its cap. Caps count from here. */
  async live(): Promise<InstanceEnd> {
    this.#end = await this.#ownership.within(
      () => this.#untilCap(),
      () => this.#budget.whileItLasts(() => this.#users.during(() => this.#exist())),
    );
    return this.#end;
  }

  /** Known for certain once {@link destroyUntilGone} has ended: a teardown may find what a create without an answer has made. */
  get hasExisted(): boolean {
    return this.#ownership.facts.instanceId !== undefined;
  }

  async destroyUntilGone(): Promise<void> {
    await this.#users.dismiss(this.#end);
    this.#ownership.change({ state: 'destroying' });
    if (this.#mayExist) await this.#ownership.teardown(() => this.#provision.destroy());
    await this.#budget.settle(this.#provision.mayHaveBilled);
  }

  async #exist(): Promise<InstanceEnd> {
    this.#mayExist = true;
    await this.#provision.create();
    await this.#provision.becomeReady();
    return this.#idleness.unless(() => this.#provision.untilLost());
  }

  #handleMessages(): void {
    setHandler(connectionQuery, () => this.#connection(), {
      description:
        'How to connect to the instance with SSH. Nothing until it is ready, and once it is being destroyed.',
    });
    setHandler(releaseUpdate, () => this.#ownership.release(), {
      validator: (from) => {
        this.#refuseFrom(from);
        this.#refuseWhenEnding();
      },
      description:
        'Destroys the instance now, because its run no longer needs it. Refused for any other `run`, and once the instance is being destroyed.',
    });
    setHandler(extendUpdate, (extension) => this.#extend(extension), {
      validator: (extension) => {
        this.#refuseWhenEnding();
        this.#time.check(extension);
      },
      description: 'Keeps the instance for at least `seconds` from now on, and returns until when.',
    });
  }

  /**
   * The price may exceed the offer's, which leaves less time. The reaper reads the end from the memo, and `cost` the prices of a lease, without a
   * worker. A run that was reset reads the prices of what it rented before.
   */
  async #untilCap(): Promise<void> {
    for (;;) {
      const { endsAt: end, prices } = this.#time;
      const { pricePerHour } = prices;
      upsertMemo({ [mustEndByMemo]: new Date(end).toISOString(), [pricesMemo]: prices });
      const left = end - Date.now();
      if (left <= 0) return;
      await condition(() => this.#time.endsAt !== end || this.#time.pricePerHour !== pricePerHour, left);
    }
  }

  #connection(): InstanceConnection | undefined {
    const { instanceName, state, ssh, hostKey, hostPublicKey, secretId } = this.#ownership.facts;
    if (state !== 'ready' || ssh === undefined || hostKey === undefined || hostPublicKey === undefined)
      return undefined;
    return { ...ssh, hostKey, hostPublicKey, keyName: ownerIdOf(instanceName), secretId };
  }

  #extend(extension: Extension): string {
    this.#time.extend(extension);
    this.#idleness.extended();
    return new Date(this.#time.endsAt).toISOString();
  }

  #refuseFrom(from: Release): void {
    const refusal = this.#ownership.whyNotFrom(from);
    if (refusal !== undefined) throw finalFailure('invalid', refusal);
  }

  #refuseWhenEnding(): void {
    if (!this.#ownership.isEnding) return;
    throw finalFailure('conflict', `${this.#request.instanceName} is being destroyed already.`);
  }
}
