/** What workers use of this package, and clients do not. */
export { contractRefusal } from './contract-version.ts';
export { isInside, leadsOut } from './job/job-folder.ts';
export { outputPath } from './job/output-path.ts';
export { storedPath } from './runs/stored-path.ts';
export { checkMasterSecret } from './ssh/derive-key.ts';
