export {
  type Activities,
  type ActivityOptions,
  createActivities,
  type FollowActivities,
  type JobActivities,
  type VendorActivities,
  type WatchActivities,
} from './create-activities.ts';
export type { JobSecretOptions } from './job-secrets.ts';
