import type {
  Deletion,
  JobDeployment,
  JobDeploymentOrder,
  JobDeployments,
  JobResult,
  SubmittedJob,
} from '@gpu-clouds/clouds';
import { CloudError, type CloudErrorKind, type Offer } from '@gpu-clouds/clouds/pure';
import { offerOf } from '@gpu-clouds/jobs/test';

/** What a call to it fails with: `lost` has taken effect, and its answer is lost. */
export type JobFault = CloudErrorKind | 'lost' | undefined;

/** Job deployments in memory. Counts what a test asks about. */
export class FakeJobs implements JobDeployments {
  readonly jobDeployments = new Map<string, JobDeployment['status']>();
  /** Submissions that were taken, by the id of the job. */
  readonly submitted: string[] = [];
  /** Calls so far, in their order. */
  readonly calls: string[] = [];
  /** What the next calls of an operation fail with, one each. */
  readonly faults: Partial<Record<keyof JobDeployments, JobFault[]>> = {};
  /** Called with each call, before anything is done. */
  onCall: (operation: keyof JobDeployments, signal?: AbortSignal) => Promise<void> | undefined = () => undefined;
  /** What becomes of a new deployment. */
  becomes: JobDeployment['status'] = 'ready';
  /** What is said of each job. */
  says: 'waiting' | 'completed' | 'failed' = 'waiting';
  /** Deployments stay when they are deleted. */
  keeps = false;

  async listOffers({ signal }: { readonly signal?: AbortSignal } = {}): Promise<readonly Offer[]> {
    return this.#call('listOffers', () => [offerOf('verda', 'job/a')], signal);
  }

  async create({ name }: JobDeploymentOrder): Promise<void> {
    return this.#call('create', () => {
      if (this.jobDeployments.has(name)) throw error('create', 'conflict');
      this.jobDeployments.set(name, this.becomes);
    });
  }

  async get(name: string): Promise<JobDeployment | undefined> {
    return this.#call('get', () => {
      const status = this.jobDeployments.get(name);
      if (status === undefined) return undefined;
      return { name, status, vendorStatus: status, endpoint: `https://jobs.test/${name}` };
    });
  }

  async list(): Promise<readonly string[]> {
    return this.#call('list', () => [...this.jobDeployments.keys()]);
  }

  async delete(name: string): Promise<Deletion> {
    return this.#call('delete', () => ({ accepted: this.keeps || this.jobDeployments.delete(name) }));
  }

  async submit(): Promise<{ readonly id: string }> {
    return this.#call('submit', () => {
      const id = `job-${this.submitted.length}`;
      this.submitted.push(id);
      return { id };
    });
  }

  async poll(_job: SubmittedJob): Promise<'waiting' | 'completed' | 'failed'> {
    return this.#call('poll', () => this.says);
  }

  async result(_job: SubmittedJob): Promise<JobResult> {
    return this.#call('result', () => ({ succeeded: true, status: 200, body: '{"done":true}' }));
  }

  /** How often an operation was called. */
  count(operation: keyof JobDeployments): number {
    return this.calls.filter((call) => call === operation).length;
  }

  async #call<T>(operation: keyof JobDeployments, act: () => T, signal?: AbortSignal): Promise<T> {
    this.calls.push(operation);
    await this.onCall(operation, signal);
    const fault = this.faults[operation]?.shift();
    if (fault !== undefined && fault !== 'lost') throw error(operation, fault);
    const result = act();
    if (fault === 'lost') throw error(operation, 'unavailable', true);
    return result;
  }
}

function error(operation: string, kind: CloudErrorKind, mayHaveTakenEffect = false): CloudError {
  return new CloudError(`verda says ${kind}.`, { kind, vendor: 'verda', operation, mayHaveTakenEffect });
}
