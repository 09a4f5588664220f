import { type GpuReading, type GpuSample, type IdleGpus, type OutputRef, readGpuSamples } from '@gpu-clouds/jobs';
import { idleGpusSignalName } from '@gpu-clouds/jobs/contract';
import {
  defaultIdleBelow,
  gpuSampleLine,
  type Idleness,
  idleSeconds,
  noIdleness,
  withSample,
} from '@gpu-clouds/jobs/worker';
import { Context } from '@temporalio/activity';
import type { GpuSampler } from '../ssh/remote-step.ts';
import { placeOf } from '../ssh/share.ts';
import type { StepInput } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { StoredOutput } from './stored-output.ts';

/** Bytes of a node's record: two weeks of eight GPUs. Later samples are not stored. */
const mostStored = 16 * 1024 * 1024;

type Options = Pick<Dependencies, 'runs' | 'timing' | 'now' | 'gpuGauges'>;

/**
 * Stores the samples of a node's GPUs, and sends the run a signal once they were idle for long enough. A failure of either never reaches the
 * command: what could not be stored waits for the next sample, and so does the signal.
 */
export class GpuSampling implements GpuSampler {
  readonly everyMs: number;
  readonly #options: Options;
  readonly #input: StepInput;
  readonly #stored: StoredOutput;
  /** Samples are taken in order, and signals wait in no one's way. */
  #working: Promise<void> = Promise.resolve();
  #idleness: Idleness;
  #signalled = false;

  private constructor(options: Options, input: StepInput, stored: StoredOutput, idleness: Idleness) {
    this.everyMs = options.timing.gpuSampleMs;
    this.#options = options;
    this.#input = input;
    this.#stored = stored;
    this.#idleness = idleness;
  }

  /** Goes on after the samples that are stored, whichever worker and instance they are from. */
  static async resume(options: Options, input: StepInput): Promise<GpuSampling> {
    const { runs } = options;
    const output: OutputRef = { run: input.run, node: input.node ?? 0, record: 'gpu' };
    const begin = await runs.outputSize(output);
    let idleness = noIdleness;
    if (begin > 0) {
      for await (const sample of readGpuSamples(runs, input.run, output)) {
        idleness = withSample(idleness, sample, belowOf(input));
      }
    }
    return new GpuSampling(options, input, await StoredOutput.resume({ runs, output, begin, secrets: [] }), idleness);
  }

  /** See {@link StepResult.idleSeconds}. */
  get idleSeconds(): Readonly<Record<string, number>> | undefined {
    return this.#idleness.last === undefined ? undefined : this.#idleness.seconds;
  }

  readonly onSample = (gpus: readonly GpuReading[]): void => {
    const { instanceName } = this.#input.instance;
    const sample = { at: new Date(this.#options.now()).toISOString(), instanceName, gpus };
    this.#idleness = withSample(this.#idleness, sample, belowOf(this.#input));
    this.#gauge(gpus);
    this.#working = Promise.all([this.#working, this.#store(sample), this.#signal()]).then(() => undefined);
  };

  /** Stores what came, if that can be done. */
  async close(): Promise<void> {
    this.#gauge([]);
    await this.#working;
    await this.#stored.close();
  }

  /** Runs that share an instance have other GPUs of it. */
  #gauge(gpus: readonly GpuReading[]): void {
    const { instance, vendor } = this.#input;
    if (vendor === undefined) return;
    const source = `${instance.instanceName}/${placeOf(instance)}`;
    this.#options.gpuGauges.set(Context.current().metricMeter, { vendor, source, gpus });
  }

  async #store(sample: GpuSample): Promise<void> {
    if (this.#stored.offset > mostStored) return;
    await this.#stored.append(Buffer.from(gpuSampleLine(sample))).catch(() => undefined);
  }

  async #signal(): Promise<void> {
    const { idleGpu, instance, node = 0 } = this.#input;
    const { since } = this.#idleness;
    if (this.#signalled || idleGpu === undefined || since === undefined) return;
    if (idleSeconds(this.#idleness) < idleGpu.forSeconds) return;
    const { client, info } = Context.current();
    if (info.workflowExecution === undefined) return;
    const { workflowId, runId } = info.workflowExecution;
    const idle: IdleGpus = { node, instanceName: instance.instanceName, since: new Date(since).toISOString() };
    this.#signalled = true;
    await client.workflow
      .getHandle(workflowId, runId)
      .signal(idleGpusSignalName, idle)
      .catch(() => {
        this.#signalled = false;
      });
  }
}

function belowOf({ idleGpu }: StepInput): number {
  return idleGpu?.below ?? defaultIdleBelow;
}
