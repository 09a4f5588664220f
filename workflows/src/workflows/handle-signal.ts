import { log, type SignalDefinition, setHandler } from '@temporalio/workflow';

type Check = (value: unknown) => boolean;

/**
 * Handles a signal. Whoever reaches the namespace can send one with any input, or with none. An input that does not fit is logged and ignored:
 * an error in a handler would end the workflow, and with it whatever holds an instance or a budget.
 */
export function handleSignal<Input>(
  signal: SignalDefinition<[Input]>,
  fits: Check,
  handle: (input: Input) => void,
  description: string,
): void {
  const handler = (input: Input) => {
    if (fits(input)) handle(input);
    else log.warn(`The signal ${signal.name} is ignored, because its input does not fit`);
  };
  setHandler(signal, handler, { description });
}

/** An object whose properties all fit. It may have others. */
export function hasShape(shape: Readonly<Record<string, Check>>): Check {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([name, fits]) => fits(Reflect.get(value, name)));
}

export function isOptional(fits: Check): Check {
  return (value) => value === undefined || fits(value);
}

export function isListOf(fits: Check): Check {
  return (value) => Array.isArray(value) && value.every(fits);
}

export function isOneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

export const isText: Check = (value) => typeof value === 'string';

/** Temporal refuses signals to IDs that are empty or have more than 1,000 bytes, and the task of the workflow that sends one fails for good. */
export const isWorkflowId: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 250;

/** Temporal refuses signals to run IDs of any other form. */
export const isExecution: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

/** US dollars, bytes, or another amount: at least 0. */
export const isAmount: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Milliseconds since the epoch, in this millennium: who adds up days must not begin at the beginning of time. */
export const isTime: Check = (value) =>
  typeof value === 'number' && value >= Date.UTC(2000) && value <= latestTime && Number.isFinite(value);

/** The latest time that a Date can be. */
const latestTime = 8.64e15;
