import { withSlowTests } from '../vitest.shared.ts';

// Those on the local stack.
export default withSlowTests(['backend/backend.test.ts', 'jobs.test.ts']);
