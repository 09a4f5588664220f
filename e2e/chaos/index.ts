export { chaos } from './chaos.ts';
export { faultClasses, readFaultList } from './fault-classes.ts';
export { isClean } from './judge.ts';
export { chaosOverSeeds } from './over-seeds.ts';
