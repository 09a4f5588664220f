import type { FaultRule } from './faults.ts';
import { Machine } from './machine.ts';
import type { FleetOptions, Launch, Unit } from './unit.ts';
import type { Vendor } from './vendor.ts';
import type { Call } from './vendor-app.ts';
import type { World } from './world.ts';

/** The instances of one vendor and how they come and go. */
export class Fleet<Detail> {
  readonly #world: World;
  readonly #vendor: Vendor;
  readonly #options: FleetOptions<Detail>;
  readonly #units = new Map<string, Unit<Detail>>();
  readonly #timers = new Map<string, Set<() => void>>();

  constructor(world: World, vendor: Vendor, options: FleetOptions<Detail> = {}) {
    this.#world = world;
    this.#vendor = vendor;
    this.#options = options;
  }

  all(): readonly Unit<Detail>[] {
    return [...this.#units.values()];
  }

  /** Those that a list shows now. */
  listed(): readonly Unit<Detail>[] {
    return this.all().filter((unit) => unit.listedAt <= this.#world.clock.now());
  }

  get(id: string): Unit<Detail> | undefined {
    return this.#units.get(id);
  }

  find(idOrName: string): readonly Unit<Detail>[] {
    return this.all().filter((unit) => unit.id === idOrName || unit.label === idOrName);
  }

  /** How far booting has come, from 0 to 1. */
  progress(unit: Unit<Detail>): number {
    if (this.#world.bootSeconds === 0) return 1;
    return Math.min(1, (this.#world.clock.now() - unit.createdAt) / (this.#world.bootSeconds * 1000));
  }

  /** Takes an order. Billing begins here. */
  launch(call: Pick<Call, 'fault'>, order: Launch<Detail>): Unit<Detail> {
    const now = this.#world.clock.now();
    const lag = call.fault('list-lag');
    const unit: Unit<Detail> = {
      id: order.id,
      label: order.label,
      createdAt: now,
      detail: order.detail,
      phase: 'provisioning',
      pricePerHour: order.pricePerHour,
      preempted: false,
      released: false,
      listedAt: lag === undefined ? now : now + (lag.seconds ?? 5) * 1000,
    };
    this.#units.set(unit.id, unit);
    this.#world.ledger.open('instances', {
      vendor: this.#vendor,
      id: unit.id,
      name: unit.label,
      pricePerHour: unit.pricePerHour,
    });
    this.#boot(unit, order, {
      fails: call.fault('accepted-then-failed') !== undefined,
      never: call.fault('never-boots'),
      preempt: call.fault('preempt'),
      refuses: call.fault('ssh-refuses'),
      drops: call.fault('ssh-drop'),
    });
    return unit;
  }

  /** Shuts the machine down. What it costs is for the vendor to say. */
  async stop(unit: Unit<Detail>): Promise<void> {
    unit.phase = 'stopped';
    this.#cancel(unit);
    await unit.machine?.stop();
  }

  /** Brings a stopped machine up again, which takes as long as booting. */
  start(unit: Unit<Detail>): void {
    unit.phase = 'provisioning';
    this.#later(unit, this.#world.bootSeconds, async () => {
      await this.#comeUp(unit);
    });
  }

  /** Off and on again, at once; processes are lost, files stay. */
  async restart(unit: Unit<Detail>): Promise<void> {
    await this.stop(unit);
    this.start(unit);
  }

  /** The machine dies at once; the instance is gone, and stops billing, a while later. */
  async remove(unit: Unit<Detail>, whenGone?: () => void): Promise<void> {
    if (unit.phase === 'deleting' || unit.phase === 'gone') return;
    unit.phase = 'deleting';
    this.#cancel(unit);
    await unit.machine?.destroy();
    const end = () => {
      this.#gone(unit);
      whenGone?.();
    };
    if (this.#options.deletesAtOnce === true) end();
    else this.#later(unit, this.#world.bootSeconds / 4, end);
  }

  /** The vendor takes it away, now. */
  async preempt(unit: Unit<Detail>): Promise<void> {
    if (unit.phase === 'gone' || unit.phase === 'deleting') return;
    this.#cancel(unit);
    unit.preempted = true;
    await unit.machine?.destroy();
    this.#gone(unit);
  }

  /** Lets a rule strike instances that are there already. @returns how many there are */
  async strike(rule: FaultRule): Promise<number> {
    const found = this.find(rule.instance ?? '');
    for (const unit of found) {
      if (rule.kind === 'ssh-refuses') unit.machine?.refuse(rule.seconds ?? Number.POSITIVE_INFINITY);
      if (rule.kind === 'ssh-drop') unit.machine?.drop();
      if (rule.kind === 'preempt' && rule.seconds === undefined) await this.preempt(unit);
      if (rule.kind === 'preempt' && rule.seconds !== undefined)
        this.#later(unit, rule.seconds, () => this.preempt(unit));
    }
    return found.length;
  }

  async close(): Promise<void> {
    for (const unit of this.all()) this.#cancel(unit);
    await Promise.all(this.all().map((unit) => unit.machine?.destroy()));
  }

  #boot(
    unit: Unit<Detail>,
    order: Launch<Detail>,
    faults: {
      fails: boolean;
      never: FaultRule | undefined;
      preempt: FaultRule | undefined;
      refuses: FaultRule | undefined;
      drops: FaultRule | undefined;
    },
  ): void {
    const { network, folder, bootSeconds, clock } = this.#world;
    if (network.isOpen) {
      unit.machine = new Machine(
        {
          ...order.machine,
          id: `${this.#vendor}-${order.id}`,
          folder,
          ...(faults.refuses === undefined
            ? {}
            : { refusesSeconds: faults.refuses.seconds ?? Number.POSITIVE_INFINITY }),
          ...(faults.drops === undefined ? {} : { dropsAfterSeconds: faults.drops.seconds ?? 1 }),
        },
        clock,
      );
    }
    if (faults.never !== undefined) {
      const givenUp = faults.never.seconds ?? this.#options.givesUpAfterSeconds;
      if (givenUp !== undefined) this.#later(unit, givenUp, () => this.#failed(unit));
      return;
    }
    this.#later(unit, bootSeconds, async () => {
      if (faults.fails) return this.#failed(unit);
      await this.#comeUp(unit);
      if (unit.phase !== 'running') return;
      const { preempt } = faults;
      if (preempt !== undefined) this.#later(unit, preempt.seconds ?? 5, () => this.preempt(unit));
    });
  }

  async #comeUp(unit: Unit<Detail>): Promise<void> {
    await unit.machine?.start();
    if (unit.phase === 'provisioning') this.#running(unit);
    // Stopped or deleted while it came up.
    else if (unit.phase === 'stopped') await unit.machine?.stop();
    else await unit.machine?.destroy();
  }

  #running(unit: Unit<Detail>): void {
    unit.phase = 'running';
    unit.readyAt ??= this.#world.clock.now();
    this.#options.onRunning?.(unit);
  }

  /** It bills no more, and stands in the list until somebody deletes it. */
  #failed(unit: Unit<Detail>): void {
    if (this.#options.forgetsFailures === true) {
      this.#gone(unit);
      return;
    }
    unit.phase = 'failed';
    this.#world.ledger.reprice('instances', this.#vendor, unit.id, 0);
    this.#release(unit);
  }

  #gone(unit: Unit<Detail>): void {
    unit.phase = 'gone';
    unit.goneAt = this.#world.clock.now();
    this.#world.ledger.close('instances', this.#vendor, unit.id);
    this.#release(unit);
  }

  #release(unit: Unit<Detail>): void {
    if (unit.released) return;
    unit.released = true;
    this.#options.onGone?.(unit);
  }

  #later(unit: Unit<Detail>, seconds: number, action: () => void | Promise<void>): void {
    const timers = this.#timers.get(unit.id) ?? new Set();
    this.#timers.set(unit.id, timers);
    const cancel = this.#world.clock.after(seconds * 1000, async () => {
      timers.delete(cancel);
      try {
        await action();
      } catch (error) {
        // Outside Linux a second machine at the same address. It never boots then, as machines sometimes do.
        process.emitWarning(
          `The simulated machine ${unit.id} did not come up: ${error instanceof Error ? error.message : error}`,
        );
      }
    });
    timers.add(cancel);
  }

  #cancel(unit: Unit<Detail>): void {
    for (const cancel of this.#timers.get(unit.id) ?? []) cancel();
    this.#timers.delete(unit.id);
  }
}
