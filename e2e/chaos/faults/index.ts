import { namesOf } from '../names-of.ts';
import { accountFaults } from './account-faults.ts';
import type { Fault } from './fault.ts';
import { fileFaults } from './file-faults.ts';
import { jobFaults } from './job-faults.ts';
import { processFaults } from './process-faults.ts';
import { runFaults } from './run-faults.ts';
import { vendorFaults } from './vendor-faults.ts';

const declared = { ...processFaults, ...vendorFaults, ...runFaults, ...jobFaults, ...fileFaults, ...accountFaults };

/** A fault class that `--faults` can enable and disable. */
export type FaultClass = keyof typeof declared;

/** All fault classes. To add one, declare it in a file of this folder. */
export const faults: Readonly<Record<FaultClass, Fault>> = declared;

/** Names of all fault classes. */
export const faultClasses: readonly FaultClass[] = namesOf(faults);
