import type { BudgetFacts } from '@gpu-clouds/jobs/read';
import { dollars } from './format.ts';

/** Describes the budget of the whole fleet in one line. Returns undefined if there is none. */
export function budgetLine(facts: readonly BudgetFacts[]): string | undefined {
  const whole = facts.find(({ account }) => account === 'fleet');
  if (whole === undefined) return undefined;
  const { limit, left, spent, reserved } = whole;
  const amounts = `${dollars(spent)} spent, ${dollars(reserved)} reserved, ${dollars(left)} left`;
  return `Budget of ${dollars(limit.dollars)} per ${limit.per}: ${amounts}`;
}
