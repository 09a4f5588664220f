/** What the tests of other packages share with those of this one. Not published. */
export { bytesOf } from './bytes-of.ts';
export { FakeCloud, offerOf } from './fake-cloud.ts';
export { content, inPieces, noise, randomNumbers, storeContract } from './store-contract.ts';
export { reaches, until } from './until.ts';
