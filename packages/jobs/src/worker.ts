/** What workers use of this package, and clients do not. */
export { isInside, leadsOut } from './job/job-folder.ts';
export { outputPlace } from './job/output-place.ts';
export { storedPath } from './runs/stored-path.ts';
export { checkMasterSecret } from './ssh/derive-key.ts';
