/** Test helpers that other packages use too. Not published. */
export { presetFleet } from '../src/fleet.ts';
export { bytesOf } from './bytes-of.ts';
export { FakeCloud, offerOf } from './fake-cloud.ts';
export { instanceJob } from './instance-job.ts';
export { content, inPieces, noise, randomNumbers, storeContract } from './store-contract.ts';
export { reaches, until } from './until.ts';
