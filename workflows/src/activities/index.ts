export {
  type Activities,
  type ActivityOptions,
  createActivities,
  type FollowActivities,
  type JobActivities,
  type VendorActivities,
} from './create-activities.ts';
