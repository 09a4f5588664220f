import { type Answer, Refusal } from '../answer.ts';
import { booleanOf, recordOf, textOf, textsOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import { errorAnswer, refusal } from './errors.ts';
import type { Instances, VerdaInstance } from './instances.ts';

interface Result {
  readonly instanceId: string;
  readonly action: string;
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly statusCode?: number;
}

type Outcome = { readonly result: Result; readonly refused?: Answer; readonly nothingToDo: boolean };

/**
 * One action on one instance or several. All done is 202, some refused is 207 with a result each; for a single instance a
 * refusal is an error of its own, and 204 says that it was as wanted already (changelog of 2026-03-12).
 */
export async function performActions(instances: Instances, call: Call): Promise<Answer> {
  if (call.fault('delete-fails') !== undefined) return errorAnswer('server_error', 'Internal server error');
  const ids = textsOf(call.body, 'id');
  const outcomes: Outcome[] = [];
  for (const id of ids) outcomes.push(await perform(instances, id, call));
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.refused !== undefined) return only.refused;
  if (outcomes.length === 1 && only?.nothingToDo === true) return { status: 204 };
  const results = outcomes.map(({ result }) => result);
  return { status: results.some(({ status }) => status === 'error') ? 207 : 202, json: results };
}

async function perform(instances: Instances, instanceId: string, call: Call): Promise<Outcome> {
  const action = textOf(call.body, 'action') ?? '';
  try {
    const unit = instances.fleet.get(instanceId);
    if (unit === undefined) throw refusal('not_found', 'Invalid instance id');
    const done = await act(instances, unit, action, call);
    return { result: { instanceId, action, status: 'success' }, nothingToDo: !done };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = textOf(recordOf(error.answer.json), 'message') ?? '';
    const result: Result = { instanceId, action, status: 'error', error: message, statusCode: error.answer.status };
    return { result, refused: error.answer, nothingToDo: false };
  }
}

/** False when there was nothing to do. */
async function act(instances: Instances, unit: VerdaInstance, action: string, { body }: Call): Promise<boolean> {
  switch (action) {
    case 'start':
    case 'boot':
      if (unit.phase === 'running') return false;
      requirePhase(unit, action, ['stopped']);
      instances.fleet.start(unit);
      return true;
    case 'shutdown':
    case 'force_shutdown':
      if (unit.phase === 'stopped') return false;
      requirePhase(unit, 'shut down', ['running']);
      await instances.fleet.stop(unit);
      return true;
    case 'delete':
    case 'discontinue':
    case 'delete_stuck':
      requirePhase(unit, 'discontinue', ['running', 'stopped', 'failed']);
      await instances.discontinue(unit, {
        volumeIds:
          Array.isArray(body.volume_ids) || typeof body.volume_ids === 'string'
            ? textsOf(body, 'volume_ids')
            : undefined,
        permanently: booleanOf(body, 'delete_permanently'),
      });
      return true;
    case 'hibernate':
      // It must be shut down; all volumes are detached and go on billing.
      requirePhase(unit, 'hibernate', ['stopped']);
      await instances.discontinue(unit, { volumeIds: [], permanently: false });
      return true;
    default:
      throw refusal('invalid_request', `Action ${action} is not allowed`);
  }
}

const words: Partial<Record<VerdaInstance['phase'], string>> = {
  gone: 'discontinued',
  stopped: 'shut down',
  failed: 'failed',
};

function requirePhase(unit: VerdaInstance, verb: string, allowed: readonly VerdaInstance['phase'][]): void {
  if (allowed.includes(unit.phase)) return;
  const message = `Can't ${verb} a ${words[unit.phase] ?? unit.phase} instance`;
  // "discontinued" is what dstack's backend looks for in a 400; the other states are the documented forbidden_action.
  throw unit.phase === 'gone' ? refusal('invalid_request', message) : refusal('forbidden_action', message);
}
