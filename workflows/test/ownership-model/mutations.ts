import { type Decisions, production } from './decisions.ts';

/** A wrong decision, and the bounds within which the model finds it. */
export interface Mutation {
  readonly name: string;
  readonly wrong: Partial<Decisions>;
}

const { decide, isGone, notePoll, ownerState, heedsRelease } = production;
const byPrefix = (name: string, other: string) => name.startsWith(other.replace(/-[^-]*$/, ''));

/** One or more for each function that decides. */
export const mutations: readonly Mutation[] = [
  { name: 'a create adopts nothing', wrong: { findAdoptable: () => undefined } },
  {
    name: 'a create adopts by the beginning of the name',
    wrong: { findAdoptable: (listed, name) => listed.find((one) => byPrefix(one.name, name)) },
  },
  { name: 'a repeated create does not search first', wrong: { mayFollowCreate: () => false } },
  {
    name: 'a failed create counts as clean',
    wrong: { mayFollowCreate: (attempt, clean) => attempt > 2 && clean === undefined },
  },
  { name: 'a teardown goes by IDs only', wrong: { haveSameOwner: () => false } },
  { name: 'a teardown goes by the beginning of the name', wrong: { haveSameOwner: byPrefix } },
  {
    name: 'one poll without the instance is enough',
    wrong: { isGone: ({ polls, confirmed }) => confirmed || polls >= 1 },
  },
  {
    name: 'two polls without the instance are enough',
    wrong: { isGone: ({ polls, confirmed }) => confirmed || polls >= 2 },
  },
  {
    name: 'an accepted delete is enough',
    wrong: { isGone: (absence, rules, account) => absence.acknowledged || isGone(absence, rules, account) },
  },
  { name: 'a suspect account is trusted', wrong: { isGone: (absence, rules) => isGone(absence, rules, 'known') } },
  {
    name: 'polls that show the instance do not count',
    wrong: {
      notePoll: (absence, sighting, ...rest) => (sighting === 'there' ? absence : notePoll(absence, sighting, ...rest)),
    },
  },
  {
    name: 'a delete is requested once only',
    wrong: { needsDelete: ({ acknowledged }, sighting) => sighting === 'there' && !acknowledged },
  },
  { name: 'every account counts as known', wrong: { noteList: (view) => ({ ...view, state: 'known' }) } },
  {
    name: 'the reaper destroys at first sight',
    wrong: { decide: (facts, rules) => decide({ ...facts, orphanSince: facts.orphanSince ?? 0 }, rules) },
  },
  {
    name: 'the reaper destroys what Temporal does not know',
    wrong: {
      decide: (facts, rules) =>
        decide({ ...facts, owner: facts.owner === 'not-found' ? 'closed' : facts.owner }, rules),
    },
  },
  {
    name: 'the reaper ignores the fleet',
    wrong: {
      decide: (facts, rules) =>
        decide({ ...facts, instanceName: facts.instanceName.replace('-other-', `-${rules.fleet}-`) }, rules),
    },
  },
  {
    name: 'the reaper keeps what has a closed owner',
    wrong: {
      decide: (facts, rules) => decide({ ...facts, owner: facts.owner === 'closed' ? 'running' : facts.owner }, rules),
    },
  },
  {
    name: 'the reaper keeps what is past the cap of its owner',
    wrong: {
      decide: (facts, rules) =>
        decide({ ...facts, owner: facts.owner === 'over-cap' ? 'running' : facts.owner }, rules),
    },
  },
  {
    name: 'the reaper ignores deadlines',
    wrong: { decide: (facts, rules) => decide(facts, { ...rules, clockAgrees: false }) },
  },
  {
    name: 'a run that forgot its owner counts',
    wrong: { ownerState: (owner, _, now) => ownerState(owner, undefined, now) },
  },
  {
    name: 'a closed owner counts as running',
    wrong: { ownerState: (owner, parent, now) => ownerState(owner && { ...owner, isLive: true }, parent, now) },
  },
  { name: 'every release is heeded', wrong: { heedsRelease: () => true } },
  { name: 'no release is heeded', wrong: { heedsRelease: () => false } },
  { name: 'a release is heeded from others only', wrong: { heedsRelease: (name, from) => !heedsRelease(name, from) } },
];
