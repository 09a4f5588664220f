import type { Vendor } from '@gpu-clouds/clouds/pure';
import { instanceNames } from '@gpu-clouds/jobs/contract';
import { activityInfo, Context, log, metricMeter } from '@temporalio/activity';

/** A teardown does not wait longer than this for a Temporal server that is away. */
const patienceMs = 2000;

/** Says that an account looks wrong, because all its instances vanished at once: by a metric, and to the owner that the teardown is for. */
export class AccountAlarm {
  readonly #vendor: Vendor;
  readonly #gauge = metricMeter.createGauge(
    'gpu_clouds_account_suspect',
    'int',
    undefined,
    '1 while the lists of an account look wrong: all instances vanished at once',
  );
  #raised: boolean;

  /** @param raised Whether the owner was told so by an earlier attempt. */
  constructor(vendor: Vendor, raised: boolean) {
    this.#vendor = vendor;
    this.#raised = raised;
  }

  /** Whether the owner was told that the account looks wrong. */
  get raised(): boolean {
    return this.#raised;
  }

  /** Never fails: a teardown must not end because nobody hears its alarm. The next call tries again. */
  async update(suspect: boolean): Promise<void> {
    this.#gauge.set(suspect ? 1 : 0, { vendor: this.#vendor });
    if (suspect === this.#raised) return;
    try {
      const { workflowId = '', runId } = activityInfo().workflowExecution ?? {};
      const { client } = Context.current();
      const owner = client.workflow.getHandle(workflowId, runId);
      await client.withDeadline(Date.now() + patienceMs, () => owner.signal(instanceNames.accountSuspect, suspect));
      this.#raised = suspect;
    } catch (error) {
      log.warn('Could not tell the owner whether the account looks wrong', { error });
    }
  }
}
