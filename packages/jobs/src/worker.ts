/** What workers need of this package, and callers do not. */
export { isInside, leadsOut } from './job/job-folder.ts';
export { outputPlace } from './job/output-place.ts';
export { wantedByTemporal } from './reap/is-wanted.ts';
export { storedPath } from './runs/stored-path.ts';
export { checkMasterSecret } from './ssh/derive-key.ts';
