import type { Emit, HookedCall, Hooks } from './hooks.ts';
import { redact, secretsIn } from './redact.ts';
import type { RequestContext } from './request-context.ts';

/** The emitter of a client without hooks. */
export const ignoreEvent: Emit = () => {};

/** Creates the function that emits the events of one call to the client's hooks. */
export function createEmitter(
  hooks: Hooks | readonly Hooks[],
  { vendor, operation, row: { method, path }, baseUrl, args, secrets }: Omit<RequestContext, 'emit'>,
): Emit {
  const all = [hooks].flat();
  const shown = (part: unknown) => redact(part, [...secrets, ...secretsIn(args)]);
  const call: HookedCall = {
    vendor,
    operation,
    method,
    path,
    baseUrl,
    arguments: () => ({ path: shown(args.path), query: shown(args.query), body: shown(args.body) }),
  };
  return (name, event) => {
    for (const { [name]: hook } of all) void emitTo(hook as (event: unknown) => unknown, { call, ...event() });
  };
}

async function emitTo(hook: ((event: unknown) => unknown) | undefined, event: unknown): Promise<void> {
  try {
    await hook?.(event);
  } catch {
    // A call that rents an instance must not fail because a hook does.
  }
}
