import { withSlowTests } from '../../vitest.shared.ts';

// The dashboard in a browser.
export default withSlowTests(['test/**/*.test.ts']);
