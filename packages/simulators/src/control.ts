import { Hono } from 'hono';
import { FaultRuleError } from './fault-rules.ts';
import type { FaultRule } from './faults.ts';
import type { Ledger } from './ledger.ts';

/** What the control endpoints read and change. */
export interface Controls {
  ledger(): Ledger;
  /**
   * Adds one fault rule or a list of them.
   * @throws FaultRuleError when a rule is invalid
   */
  addFaults(json: unknown): Promise<readonly FaultRule[]>;
  clearFaults(): void;
}

/** Creates the control endpoints under `/_simulator/`, which every server has. */
export function controlApp(controls: Controls): Hono {
  const app = new Hono();
  app.get('/_simulator/ledger', (context) => context.json(controls.ledger()));
  app.post('/_simulator/faults', async (context) => {
    try {
      const json: unknown = await context.req.json();
      return context.json({ added: await controls.addFaults(json) }, 201);
    } catch (error) {
      if (error instanceof FaultRuleError) return context.json({ error: error.message }, 400);
      return context.json({ error: 'The body must be JSON: a fault rule or a list of fault rules.' }, 400);
    }
  });
  app.delete('/_simulator/faults', (context) => {
    controls.clearFaults();
    return context.body(null, 204);
  });
  return app;
}
