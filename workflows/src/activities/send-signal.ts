import { signalStep, stepOfAttempt } from '../ssh/remote-step.ts';
import type { StepSignal } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';

/** Sends a step a signal, once however often it is tried. One that is about to start gets it as soon as it has. */
export function sendSignal(dependencies: Dependencies) {
  return async (input: StepSignal): Promise<void> => {
    const { instance, step, attempt, signal, inContainer } = input;
    const access = new InstanceAccess(dependencies, input);
    const target = { ...stepOfAttempt(instance, step, attempt), inContainer };
    const send = () => access.session((session) => signalStep(session, target, signal));
    await withHeartbeats(send, () => access.reached);
  };
}
