import type { z } from 'zod';
import { type Job, jobFields, jobFileFields } from './job-schema.ts';
import { deploymentIssues, gpuIssues, instanceIssues } from './mode-issues.ts';

function checkMode(job: Job, context: z.RefinementCtx): void {
  const issues = job.mode === 'instance' ? instanceIssues(job) : deploymentIssues(job);
  for (const { path, message } of [...gpuIssues(job), ...issues]) {
    context.addIssue({ code: 'custom', path, message });
  }
}

/** Schema of a job file. Its descriptions are part of the published JSON Schema. */
export const jobFileSchema = jobFileFields
  .superRefine(checkMode)
  .describe('A gpu-clouds job: what to rent, what to run on it, and how much it may cost.');

/** Schema of a job as `parseJob` returns it. */
export const jobSchema = jobFields.superRefine(checkMode);
