import type { z } from 'zod';
import { type Job, jobFields, jobFileFields } from './job-schema.ts';
import { deploymentIssues, gpuIssues, instanceIssues } from './mode-issues.ts';

function checkMode(job: Job, context: z.RefinementCtx): void {
  const issues = job.mode === 'instance' ? instanceIssues(job) : deploymentIssues(job);
  for (const { path, message } of [...gpuIssues(job), ...issues]) {
    context.addIssue({ code: 'custom', path, message });
  }
}

/** A job file, field by field. Descriptions end up in the published JSON Schema. */
export const jobFileSchema = jobFileFields
  .superRefine(checkMode)
  .describe('A job of gpu-clouds: what to rent, what to run on it, and how much it may cost.');

/** A job as `parseJob` makes it of its file. */
export const jobSchema = jobFields.superRefine(checkMode);
