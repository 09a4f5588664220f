import { type Answer, ErrorResponse, ok } from '../answer.ts';
import { booleanOf, recordOf, textOf, textsOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import type { Instances, VerdaInstance } from './instances.ts';

interface Result {
  readonly instanceId: string;
  readonly action: string;
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly statusCode?: number;
}

type Outcome = { readonly result: Result; readonly refused?: Answer; readonly unchanged: boolean };

/**
 * Performs one action on one or more instances. The response is 202 when all succeed, and 207 with a result each when some
 * fail. For a single instance it is the error itself, or 204 when nothing changes (changelog of 2026-03-12).
 */
export async function performActions(instances: Instances, call: Call): Promise<Answer> {
  if (call.fault('delete-fails') !== undefined) return errorAnswer('server_error', 'Internal server error');
  const ids = textsOf(call.body, 'id');
  const outcomes: Outcome[] = [];
  for (const id of ids) outcomes.push(await perform(instances, id, call));
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.refused !== undefined) return only.refused;
  if (outcomes.length === 1 && only?.unchanged === true) return { status: 204 };
  const results = outcomes.map(({ result }) => result);
  return ok(results, results.some(({ status }) => status === 'error') ? 207 : 202);
}

async function perform(instances: Instances, instanceId: string, call: Call): Promise<Outcome> {
  const action = textOf(call.body, 'action') ?? '';
  try {
    const done = await act(instances, instances.required(instanceId), action, call);
    return { result: { instanceId, action, status: 'success' }, unchanged: !done };
  } catch (error) {
    if (!(error instanceof ErrorResponse)) throw error;
    const message = textOf(recordOf(error.answer.json), 'message') ?? '';
    const result: Result = { instanceId, action, status: 'error', error: message, statusCode: error.answer.status };
    return { result, refused: error.answer, unchanged: false };
  }
}

/** Performs the action. Returns false when nothing changes. */
async function act(instances: Instances, instance: VerdaInstance, action: string, { body }: Call): Promise<boolean> {
  switch (action) {
    case 'start':
    case 'boot':
      if (instance.phase === 'running') return false;
      requirePhase(instance, action, ['stopped']);
      instances.store.start(instance);
      return true;
    case 'shutdown':
    case 'force_shutdown':
      if (instance.phase === 'stopped') return false;
      requirePhase(instance, 'shut down', ['running']);
      await instances.store.stop(instance);
      return true;
    case 'delete':
    case 'discontinue':
    case 'delete_stuck':
      requirePhase(instance, 'discontinue', ['running', 'stopped', 'failed']);
      await instances.discontinue(instance, {
        volumeIds:
          Array.isArray(body.volume_ids) || typeof body.volume_ids === 'string'
            ? textsOf(body, 'volume_ids')
            : undefined,
        permanently: booleanOf(body, 'delete_permanently'),
      });
      return true;
    case 'hibernate':
      // Requires a stopped instance. All volumes are detached and still billed.
      requirePhase(instance, 'hibernate', ['stopped']);
      await instances.discontinue(instance, { volumeIds: [], permanently: false });
      return true;
    default:
      throw errorResponse('invalid_request', `Action ${action} is not allowed`);
  }
}

const words: Partial<Record<VerdaInstance['phase'], string>> = {
  gone: 'discontinued',
  stopped: 'shut down',
  failed: 'failed',
};

function requirePhase(instance: VerdaInstance, verb: string, allowed: readonly VerdaInstance['phase'][]): void {
  if (allowed.includes(instance.phase)) return;
  const message = `Can't ${verb} a ${words[instance.phase] ?? instance.phase} instance`;
  // dstack's backend matches "discontinued" in a 400; the other states are the documented forbidden_action.
  throw instance.phase === 'gone'
    ? errorResponse('invalid_request', message)
    : errorResponse('forbidden_action', message);
}
