export type { CallReport } from './call-report.ts';
export type { CatalogOverride, CatalogOverrides } from './catalog.ts';
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock.ts';
export type { Evidence, Source } from './evidence.ts';
export { expectNothingLeft } from './expect-nothing-left.ts';
export { FaultRuleError } from './fault-rules.ts';
export { type CallFault, type FaultKind, type FaultRule, faultKinds, type InstanceFault } from './faults.ts';
export type { ClientOptions } from './generated/client-options.ts';
export { evidence } from './generated/evidence.ts';
export { writes } from './generated/writes.ts';
export type {
  Ledger,
  LedgerAnswer,
  LedgerHardware,
  LedgerInstance,
  LedgerJobDeployment,
  LedgerKey,
  LedgerVolume,
} from './ledger.ts';
export type { OperationIds } from './operation-ids.ts';
export { PortTakenError } from './server.ts';
export {
  createSimulators,
  type Endpoint,
  type Simulator,
  type SimulatorOptions,
  type Simulators,
  type WithOptions,
} from './simulators.ts';
export { type Vendor, vendors } from './vendor.ts';
