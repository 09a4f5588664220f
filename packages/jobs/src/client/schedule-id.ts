const prefix = 'gpu-clouds-schedule-';

/** Returns the id of a job's schedule in Temporal. Like those of runs, the names are unique in a namespace. */
export function scheduleIdOf(name: string): string {
  return `${prefix}${name}`;
}

export function isJobSchedule(scheduleId: string): boolean {
  return scheduleId.startsWith(prefix);
}

export function scheduleNameOf(scheduleId: string): string {
  return scheduleId.slice(prefix.length);
}
