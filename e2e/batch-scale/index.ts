export { measureBatch } from './measure.ts';
