export type { CatalogOverride, CatalogOverrides } from './catalog.ts';
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock.ts';
export { FaultRuleError } from './fault-rules.ts';
export { type FaultKind, type FaultRule, faultKinds } from './faults.ts';
export type {
  Ledger,
  LedgerAnswer,
  LedgerInstance,
  LedgerJobDeployment,
  LedgerKey,
  LedgerVolume,
} from './ledger.ts';
export { PortTakenError } from './server.ts';
export {
  createSimulators,
  type Endpoint,
  type Simulator,
  type SimulatorOptions,
  type Simulators,
} from './simulators.ts';
export { type Vendor, vendors } from './vendor.ts';
