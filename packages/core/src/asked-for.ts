import type { Subject } from './failure.ts';
import type { AskedFor } from './hooks.ts';
import { redact, secretsIn } from './redact.ts';

/** The arguments of a call without what is secret in them. */
export function askedFor({ args, secrets }: Subject): AskedFor {
  const shown = (part: unknown) => redact(part, [...secrets, ...secretsIn(args)]);
  return { path: shown(args.path), query: shown(args.query), body: shown(args.body) };
}
