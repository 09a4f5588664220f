import type { JobResult } from '@gpu-clouds/clouds';
import { CloudError } from '@gpu-clouds/clouds/pure';
import { sleep } from '@temporalio/activity';
import type { Answered, AnswerInput } from './contract.ts';
import { type Dependencies, secretOf } from './dependencies.ts';
import { finalFailure, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { isKind, jobsOf } from './job-deployments.ts';
import { OutputTimes } from './output-times.ts';
import { remoteText, valuesOf } from './remote-text.ts';
import { StoredOutput } from './stored-output.ts';

/**
 * Waits for the container's answer, and stores it as the run's output and as the file `answer.json` or `answer.txt`.
 * Fails with `job-lost` when the vendor no longer knows the job.
 */
export function awaitAnswer(dependencies: Dependencies) {
  return async (input: AnswerInput): Promise<Answered> =>
    withHeartbeats(async () => {
      try {
        const answer = await answerOf(dependencies, input);
        return { succeeded: answer.succeeded, outputs: await store(dependencies, input, answer) };
      } catch (error) {
        // The job continues during an outage of the vendor, so only wrong credentials are final.
        throw toFailure(error, {
          alwaysRetry: CloudError.isInstance(error) && error.kind !== 'unauthorized',
          say: (message) => remoteText(message, valuesOf(dependencies, input.secrets)),
        });
      }
    });
}

async function answerOf(dependencies: Dependencies, input: AnswerInput): Promise<JobResult> {
  const { now, timing } = dependencies;
  const jobs = jobsOf(dependencies, input.vendor);
  for (;;) {
    const status = await jobs.poll(input).catch((error: unknown) => {
      // A job that was just accepted may not be known everywhere yet.
      if (!isKind(error, 'not-found') || now() < input.submittedAt + timing.consistencyWindowMs) throw error;
      throw finalFailure('job-lost', `${input.instanceName} was lost: ${input.vendor} no longer knows the job.`);
    });
    if (status === 'completed') return jobs.result(input);
    if (status === 'failed')
      return { succeeded: false, status: 0, body: `${input.vendor} reports that the job failed.` };
    await sleep(timing.pollIntervalMs);
  }
}

/** Stores the same bytes at the same places on each attempt. */
async function store(dependencies: Dependencies, input: AnswerInput, { body }: JobResult): Promise<readonly string[]> {
  const { runs } = dependencies;
  const { run } = input;
  const secrets = input.secrets.map((name) => secretOf(dependencies, name));
  const times = await OutputTimes.resume(runs, { run, node: 0 }, dependencies.now);
  const output = await StoredOutput.resume({ runs, output: { run, node: 0 }, begin: 0, secrets, times });
  await output.append(Buffer.from(body.endsWith('\n') ? body : `${body}\n`));
  await output.end();
  const file = isJson(body) ? 'answer.json' : 'answer.txt';
  await runs.putFile(run, `outputs/${file}`, runs.readOutput({ run, node: 0 }, 0));
  return [file];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
