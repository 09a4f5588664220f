import { Hono } from 'hono';
import { FaultRuleError } from './fault-rules.ts';
import type { FaultRule } from './faults.ts';
import type { Ledger } from './ledger.ts';

export interface Controls {
  ledger(): Ledger;
  /** @throws FaultRuleError */
  addFaults(json: unknown): Promise<readonly FaultRule[]>;
  clearFaults(): void;
}

/** What other processes steer the simulators by; the same on every server. */
export function controlApp(controls: Controls): Hono {
  const app = new Hono();
  app.get('/_simulator/ledger', (context) => context.json(controls.ledger()));
  app.post('/_simulator/faults', async (context) => {
    try {
      const json: unknown = await context.req.json();
      return context.json({ added: await controls.addFaults(json) }, 201);
    } catch (error) {
      if (error instanceof FaultRuleError) return context.json({ error: error.message }, 400);
      return context.json({ error: 'The body must be a fault rule or a list of them, as JSON.' }, 400);
    }
  });
  app.delete('/_simulator/faults', (context) => {
    controls.clearFaults();
    return context.body(null, 204);
  });
  return app;
}
