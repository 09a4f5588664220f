export { chaos } from './chaos.ts';
export { drillChaos } from './drill.ts';
export { readFaultList } from './fault-classes.ts';
export { faultClasses } from './faults/index.ts';
export { isClean } from './judge.ts';
export { chaosOverSeeds } from './over-seeds.ts';
export { prove } from './prove/prove.ts';
