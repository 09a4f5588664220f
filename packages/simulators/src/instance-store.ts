import type { CallFault, InstanceFault } from './faults.ts';
import type { Instance, InstanceStoreOptions, Launch } from './instance.ts';
import { InstanceRuntime } from './instance-runtime.ts';
import type { Vendor } from './vendor.ts';
import type { Call } from './vendor-app.ts';
import type { World } from './world.ts';

/** The instances of one vendor and their lifecycle. */
export class InstanceStore<Detail> {
  readonly #world: World;
  readonly #vendor: Vendor;
  readonly #options: InstanceStoreOptions<Detail>;
  readonly #instances = new Map<string, Instance<Detail>>();
  readonly #timers = new Map<string, Set<() => void>>();

  constructor(world: World, vendor: Vendor, options: InstanceStoreOptions<Detail> = {}) {
    this.#world = world;
    this.#vendor = vendor;
    this.#options = options;
  }

  all(): readonly Instance<Detail>[] {
    return [...this.#instances.values()];
  }

  /** Returns the instances that the vendor lists now. */
  listed(): readonly Instance<Detail>[] {
    return this.all().filter(
      (instance) => instance.listedAt <= this.#world.clock.now() && this.#isShown(instance, 'listed'),
    );
  }

  get(id: string): Instance<Detail> | undefined {
    const instance = this.#instances.get(id);
    return instance !== undefined && this.#isShown(instance, 'alone') ? instance : undefined;
  }

  /** Returns the instances with this id or instance name. */
  find(idOrName: string): readonly Instance<Detail>[] {
    return this.all().filter((instance) => instance.id === idOrName || instance.name === idOrName);
  }

  /** Returns the boot progress, from 0 to 1. */
  progress(instance: Instance<Detail>): number {
    if (this.#world.bootSeconds === 0) return 1;
    return Math.min(1, (this.#world.clock.now() - instance.createdAt) / (this.#world.bootSeconds * 1000));
  }

  /** Creates an instance and starts its billing and boot. Applies the faults of the create call. */
  launch(call: Pick<Call, 'fault'>, order: Launch<Detail>): Instance<Detail> {
    const now = this.#world.clock.now();
    const lag = call.fault('list-lag');
    const { gpu } = order.runtime;
    const instance: Instance<Detail> = {
      id: order.id,
      name: order.name,
      createdAt: now,
      detail: order.detail,
      hardware: { ...order.hardware, gpuCount: gpu.count, gpuMemory: gpu.memory },
      phase: 'provisioning',
      pricePerHour: order.pricePerHour,
      preempted: false,
      released: false,
      listedAt: lag === undefined ? now : now + (lag.seconds ?? 5) * 1000,
    };
    this.#add(instance);
    this.#boot(instance, order, {
      fails: call.fault('accepted-then-failed') !== undefined,
      never: call.fault('never-boots'),
      preempt: call.fault('preempt'),
      refuses: call.fault('ssh-refuses'),
      drops: call.fault('ssh-drop'),
      noisy: call.fault('shell-noise') !== undefined,
      lacksGpu: call.fault('gpu-missing') !== undefined,
      floods: call.fault('gpu-floods') !== undefined,
      diskFull: call.fault('disk-full') !== undefined,
      noContainers: call.fault('no-container-runtime') !== undefined,
    });
    const duplicate = call.fault('duplicate');
    if (duplicate !== undefined) this.#duplicateLater(instance, duplicate.seconds ?? 5);
    return instance;
  }

  /** Shuts an instance down. Does not change its price: vendors differ. */
  async stop(instance: Instance<Detail>): Promise<void> {
    instance.phase = 'stopped';
    this.#cancel(instance);
    await instance.runtime?.stop();
  }

  /** Boots a stopped instance again. */
  start(instance: Instance<Detail>): void {
    instance.phase = 'provisioning';
    this.later(instance, this.#world.bootSeconds, async () => {
      await this.#startRuntime(instance);
    });
  }

  /** Stops an instance and boots it again. Processes are killed; files stay. */
  async restart(instance: Instance<Detail>): Promise<void> {
    await this.stop(instance);
    this.start(instance);
  }

  /**
   * Deletes an instance: its processes end at once. It is gone, and no longer billed, a quarter of the boot time later,
   * or at once with {@link InstanceStoreOptions.deletesAtOnce}.
   */
  async remove(instance: Instance<Detail>, whenGone?: () => void): Promise<void> {
    if (instance.phase === 'deleting' || instance.phase === 'gone') return;
    instance.phase = 'deleting';
    this.#cancel(instance);
    await instance.runtime?.destroy();
    const end = () => {
      this.#markGone(instance);
      whenGone?.();
    };
    if (this.#options.deletesAtOnce === true) end();
    else this.later(instance, this.#world.bootSeconds / 4, end);
  }

  /** Preempts an instance at once. */
  async preempt(instance: Instance<Detail>): Promise<void> {
    if (instance.phase === 'gone' || instance.phase === 'deleting') return;
    this.#cancel(instance);
    instance.preempted = true;
    await instance.runtime?.destroy();
    this.#markGone(instance);
  }

  /** Applies a fault to the existing instances that the rule names. Returns how many there are. */
  async applyFault(rule: InstanceFault): Promise<number> {
    const found = this.find(rule.instance);
    for (const instance of found) {
      if (rule.kind === 'ssh-refuses') instance.runtime?.refuse(rule.seconds ?? Number.POSITIVE_INFINITY);
      if (rule.kind === 'ssh-drop') instance.runtime?.drop();
      if (rule.kind === 'disk-full') await instance.runtime?.fillDisk();
      if (rule.kind === 'duplicate') this.#duplicateLater(instance, rule.seconds ?? 5);
      if (rule.kind === 'reprice') this.#reprice(instance, rule.factor ?? 2);
      if (rule.kind === 'rename') instance.name = `renamed-${instance.id.slice(0, 8)}`;
      if (rule.kind === 'reboot') await this.#reboot(instance);
      if (rule.kind === 'preempt' && rule.seconds === undefined) await this.preempt(instance);
      if (rule.kind === 'preempt' && rule.seconds !== undefined)
        this.later(instance, rule.seconds, () => this.preempt(instance));
    }
    return found.length;
  }

  /** Runs an action `seconds` from now, unless the instance is stopped, deleted, or preempted before. */
  later(instance: Instance<Detail>, seconds: number, action: () => void | Promise<void>): void {
    const timers = this.#timers.get(instance.id) ?? new Set();
    this.#timers.set(instance.id, timers);
    const cancel = this.#world.clock.after(seconds * 1000, async () => {
      timers.delete(cancel);
      try {
        await action();
      } catch (error) {
        // Outside Linux, a second instance cannot listen on the same address. It never boots.
        process.emitWarning(
          `The simulated instance ${instance.id} did not boot: ${error instanceof Error ? error.message : error}`,
        );
      }
    });
    timers.add(cancel);
  }

  async close(): Promise<void> {
    for (const instance of this.all()) this.#cancel(instance);
    await Promise.all(this.all().map((instance) => instance.runtime?.destroy()));
  }

  #boot(
    instance: Instance<Detail>,
    order: Launch<Detail>,
    faults: {
      fails: boolean;
      never: CallFault | undefined;
      preempt: CallFault | undefined;
      refuses: CallFault | undefined;
      drops: CallFault | undefined;
      noisy: boolean;
      lacksGpu: boolean;
      floods: boolean;
      diskFull: boolean;
      noContainers: boolean;
    },
  ): void {
    const { network, folder, bootSeconds, clock } = this.#world;
    if (network.isOpen) {
      instance.runtime = new InstanceRuntime(
        {
          ...order.runtime,
          gpu: faults.lacksGpu ? { ...order.runtime.gpu, count: order.runtime.gpu.count - 1 } : order.runtime.gpu,
          gpuFloods: faults.floods,
          noisy: faults.noisy,
          diskFull: faults.diskFull,
          noContainers: faults.noContainers,
          id: `${this.#vendor}-${order.id}`,
          folder,
          refusesSeconds: faults.refuses && (faults.refuses.seconds ?? Number.POSITIVE_INFINITY),
          dropsAfterSeconds: faults.drops && (faults.drops.seconds ?? 1),
        },
        clock,
      );
    }
    if (faults.never !== undefined) {
      const failAfterSeconds = faults.never.seconds ?? this.#options.failsAfterSeconds;
      if (failAfterSeconds !== undefined) this.later(instance, failAfterSeconds, () => this.#markFailed(instance));
      return;
    }
    this.later(instance, bootSeconds, async () => {
      if (faults.fails) return this.#markFailed(instance);
      await this.#startRuntime(instance);
      if (instance.phase !== 'running') return;
      const { preempt } = faults;
      if (preempt !== undefined) this.later(instance, preempt.seconds ?? 5, () => this.preempt(instance));
    });
  }

  #add(instance: Instance<Detail>, duplicateOf?: string): void {
    this.#instances.set(instance.id, instance);
    const { id, name, pricePerHour, hardware } = instance;
    this.#world.ledger.open('instances', { vendor: this.#vendor, id, name, pricePerHour, duplicateOf, hardware });
  }

  #isShown(instance: Instance<Detail>, where: 'listed' | 'alone'): boolean {
    const view = this.#world.faults.view(this.#vendor);
    if (view?.kind === 'empty-list') return false;
    if (view?.kind === 'other-account') return instance === this.all()[0];
    return view === undefined || where === 'alone' || instance.createdAt <= view.since;
  }

  /** The duplicate runs at once, without SSH. It does not depend on what happens to the other one meanwhile. */
  #duplicateLater(instance: Instance<Detail>, seconds: number): void {
    const { name } = instance;
    this.#world.clock.after(seconds * 1000, () => {
      const now = this.#world.clock.now();
      const { runtime: _, goneAt: __, ...same } = instance;
      const own = { id: this.#world.random.uuid(), name, createdAt: now, readyAt: now, listedAt: now } as const;
      this.#add({ ...same, ...own, phase: 'running', preempted: false, released: true }, instance.id);
    });
  }

  #reprice(instance: Instance<Detail>, factor: number): void {
    instance.pricePerHour *= factor;
    instance.priceFactor = (instance.priceFactor ?? 1) * factor;
    this.#world.ledger.reprice('instances', this.#vendor, instance.id, instance.pricePerHour);
  }

  /** The vendor does not notice it. */
  async #reboot(instance: Instance<Detail>): Promise<void> {
    if (instance.phase !== 'running') return;
    await instance.runtime?.stop();
    this.later(instance, this.#world.bootSeconds, async () => {
      // Taken back or deleted while it was down.
      if (instance.phase === 'running') await this.#startRuntime(instance);
    });
  }

  async #startRuntime(instance: Instance<Detail>): Promise<void> {
    await instance.runtime?.start();
    if (instance.phase === 'provisioning') this.#markRunning(instance);
    // Stopped or deleted while it booted.
    else if (instance.phase === 'stopped') await instance.runtime?.stop();
    else if (instance.phase !== 'running') await instance.runtime?.destroy();
  }

  #markRunning(instance: Instance<Detail>): void {
    instance.phase = 'running';
    instance.readyAt ??= this.#world.clock.now();
    this.#options.onRunning?.(instance);
  }

  /** Ends billing. The instance stays listed until it is deleted, unless the vendor forgets failed orders. */
  #markFailed(instance: Instance<Detail>): void {
    if (this.#options.forgetsFailures === true) {
      this.#markGone(instance);
      return;
    }
    instance.phase = 'failed';
    this.#world.ledger.reprice('instances', this.#vendor, instance.id, 0);
    this.#release(instance);
  }

  #markGone(instance: Instance<Detail>): void {
    instance.phase = 'gone';
    instance.goneAt = this.#world.clock.now();
    this.#world.ledger.close('instances', this.#vendor, instance.id);
    this.#release(instance);
  }

  #release(instance: Instance<Detail>): void {
    if (instance.released) return;
    instance.released = true;
    this.#options.onGone?.(instance);
  }

  #cancel(instance: Instance<Detail>): void {
    for (const cancel of this.#timers.get(instance.id) ?? []) cancel();
    this.#timers.delete(instance.id);
  }
}
