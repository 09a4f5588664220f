import { type ParentSpan, parentSpanIn, withParentSpan } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  isCancellation,
  proxySinks,
  type Sinks,
  type WorkflowInterceptors,
  workflowInfo,
} from '@temporalio/workflow';

/** A workflow from its beginning to its end, as a span. */
export interface EndedRun {
  readonly span: ParentSpan;
  readonly parent: ParentSpan;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Kind of the failure. Its message is the run's affair. */
  readonly failure?: string | undefined;
}

export interface TracingSinks extends Sinks {
  gpuCloudsTracing: { runEnded(run: EndedRun): void };
}

/**
 * Part of the workflow bundle, traced or not: hands the caller's trace on to activities and children, and says when the workflow has
 * ended. Adds no step of its own, not even a turn of the event loop: histories replay alike with tracing and without.
 */
export function interceptors(): WorkflowInterceptors {
  let own: ParentSpan | undefined;
  const handOn = <T extends { readonly headers: Headers }>(input: T) =>
    own === undefined ? input : withParentSpan(input, own);
  return {
    inbound: [
      {
        execute(input, next) {
          const parent = parentSpanIn(input.headers);
          if (parent === undefined) return next(input);
          own = { ...parent, spanId: spanIdOf(workflowInfo().runId) };
          const ended = next(input);
          const report = reporter(own, parent);
          ended.then(
            () => report(),
            (error: unknown) => report(failureOf(error)),
          );
          return ended;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(handOn(input)),
        startChildWorkflowExecution: (input, next) => next(handOn(input)),
        continueAsNew: (input, next) => next(handOn(input)),
      },
    ],
  };
}

function reporter(span: ParentSpan, parent: ParentSpan): (failure?: string) => void {
  const { gpuCloudsTracing } = proxySinks<TracingSinks>();
  const startedAt = workflowInfo().runStartTime.getTime();
  return (failure) =>
    gpuCloudsTracing.runEnded({
      span,
      parent,
      startedAt,
      endedAt: Date.now(),
      failure,
    });
}

/** The same at every replay and on every worker, without drawing on the workflow's chance: both halves of the run's UUID in one. */
export function spanIdOf(runId: string): string {
  const digits = runId.replaceAll('-', '');
  const folded = BigInt(`0x${digits.slice(0, 16)}`) ^ BigInt(`0x${digits.slice(16)}`);
  return folded.toString(16).padStart(16, '0');
}

function failureOf(error: unknown): string | undefined {
  if (error instanceof ContinueAsNew) return undefined;
  if (isCancellation(error)) return 'cancelled';
  return error instanceof ApplicationFailure ? (error.type ?? 'failed') : 'failed';
}
