export { runCluster } from './run-cluster.ts';
