export {
  type Activities,
  type ActivityOptions,
  createActivities,
  type FollowActivities,
  type JobActivities,
  type VendorActivities,
  type WatchActivities,
} from './create-activities.ts';
