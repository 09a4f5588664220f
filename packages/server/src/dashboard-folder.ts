import { fileURLToPath } from 'node:url';

/** The built dashboard: `dist/dashboard` of this package, seen from `src` and from `dist`. */
export const dashboardFolder = fileURLToPath(new URL('../dist/dashboard', import.meta.url));
