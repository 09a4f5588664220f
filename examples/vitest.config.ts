import { withSlowTests } from '../vitest.shared.ts';

// Those on the local stack are slow. Each file has its modules to itself, because `readme.test.ts` replaces the timers of the programs.
export default withSlowTests(['backend/backend.test.ts', 'jobs.test.ts'], { test: { isolate: true } });
